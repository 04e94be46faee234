"""A study: finds a schedule for a training loop of one's own, by ask and tell.

The study asks for trainings, each under a policy of its own, and is told the loss of each. It first tunes plain
one-cycle over the user's optimizer. Then it moves a policy by what pairs of trainings say whose hyper-parameters
differ by opposite offsets, chooses the best of a few policies on the way, and compares it with one-cycle and with the
policy it began with. The comparison is on starts that nothing else has seen, and ends in one sentence that says what
to use.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from ..controller import Controller
from ..job import Job
from ..observation.job import read_job
from ..schedule import Schedule
from .arguments import beginning, check, identity, job_fields, told_of, usual_rates, usually_steered
from .course import Course, CourseSettings, Found
from .errors import StudyError
from .evaluation import evaluate
from .folder import Folder, Told
from .plan import Plan
from .policy import LinearPolicy
from .progress import Progress
from .report import page
from .result import figures
from .statistics import interquartile_mean
from .trial import Trial
from .verdict import Verdict, verdict

_PATIENCE = 3
"""How often a trial is asked for that is never told; and how many first trainings may all end in an exception."""


class Study:
    """Finds a schedule of hyper-parameters for a training loop of one's own.

    ::

        study = descender.Study(total_steps=2000, episodes=200, seed=1)
        while (trial := study.ask()) is not None:
            study.tell(trial, train(trial))          # your own function; lower is better
        print(study.verdict)
        study.best.save("mine.safetensors"); study.schedule.to_csv("mine.csv")

    The function trains once under ``trial.controller(optimizer)`` or ``trial.session()`` and returns a loss above 0,
    best a validation loss after the last step: what the study compares is its logarithm. Where the function takes its
    chance (initial parameters, batch order) from ``trial.seed``, those trainings that are compared with each other
    share it, and far fewer are needed. A loss that is not finite counts as lost, and so does a training whose
    exception is told by :meth:`fail`. A trial that is never told is asked for again.

    Args:
        total_steps: Steps (updates) of a training, 1 or more.
        episodes: Trainings that the study may make, all included. How they are split is in :attr:`plan`.
        seed: The study's seed. The same seed and the same losses give the same result, bit for bit.
        start: What to begin with: ``"pretrained"``; ``"blind"``, a policy that is a linear decay from the best rate
            of one-cycle; ``"auto"``, the better of these two, by a few trainings; or a controller, or the path or the
            bytes of its file, that is linear and reads the job.
        batch_size: Examples in a batch.
        dataset_size: Training examples.
        job: All that is known of the training, in place of `batch_size` and `dataset_size`. What it leaves open a trial
            may learn later from the arguments of its ``controller`` or ``session``.
        optimizer: The name of the optimizer, as ``descender list optimizers`` has it; with another than ``"adamw"``,
            which ``pretrained`` steers, the study begins with a linear decay.
        rates: Peaks of one-cycle to try; by default 0.3 to 30 times the η that people usually start from, which is
            0.001 for AdamW.
        anchor: η where a blind start begins, in place of the best rate of one-cycle.
        steered: What a blind start steers beside η: ``momentum``, ``second-moment``, ``weight-decay``; by default what
            the optimizer has.
        pairs: Pairs of perturbed trainings from a start.
        spread: The size of the perturbations; 1 moves ln η by about 0.14.
        shrink: How much the regression holds back, above 0.
        folder: A folder to keep the study in. Called again with the same arguments, the study goes on from there,
            with the same asks and the same result as without the break.
        progress: Whether to show a line of progress on standard error. By default on a terminal only.

    Raises:
        StudyError: If an argument cannot be used, or the folder is of another study; says what was expected.
    """

    def __init__(
        self,
        total_steps: int,
        episodes: int = 200,
        seed: int = 1,
        *,
        start: str | os.PathLike[str] | bytes | Controller = "auto",
        batch_size: int | None = None,
        dataset_size: int | None = None,
        job: Job | None = None,
        optimizer: str = "adamw",
        rates: Sequence[float] | None = None,
        anchor: float | None = None,
        steered: Sequence[str] | None = None,
        pairs: int = 2,
        spread: float = 1.0,
        shrink: float = 0.4,
        folder: str | os.PathLike[str] | None = None,
        progress: bool | None = None,
    ) -> None:
        begin, start_name, auto, method = beginning(start, optimizer)
        tried = usual_rates(method) if rates is None else rates
        tried = check(total_steps, episodes, seed, tried, pairs, spread, shrink)
        self.plan = Plan.of(episodes, len(tried), pairs, beginnings=2 if auto else 0)
        """How the trainings are split."""
        settings = CourseSettings(
            seed=seed,
            plan=self.plan,
            rates=tried,
            job=told_of(job, total_steps, batch_size, dataset_size),
            start=begin,
            auto=auto,
            start_name=start_name,
            anchor=None if anchor is None else float(anchor),
            steered=usually_steered(method) if steered is None else tuple(steered),
            method=method,
            spread=float(spread),
            shrink=float(shrink),
        )
        # Refuses an anchor, or a name to steer, that is impossible.
        LinearPolicy.blind(0.01 if anchor is None else float(anchor), settings.steered, method)
        self._settings = settings
        self._course = Course(settings)
        self._told: dict[int, Told] = {}
        self._broken: list[Told] = []  # all that was told, as long as it is exceptions and nothing else
        self._times: dict[int, int] = {}
        self._verdict: Verdict | None = None
        self._progress = Progress(progress)
        self._folder = None if folder is None else Folder(folder, identity(settings))
        for told in self._folder.told if self._folder else ():
            self._take(told)
        if not self._told:
            self._progress.say(str(self.plan))
        self._finish()

    def ask(self) -> Trial | None:
        """The next trial; ``None`` at the end of the study.

        A trial that was asked for and never told is asked for again when the others of its stage are told.

        Raises:
            StudyError: If a trial was asked for three times and never told, or the first trainings all ended in an
                exception.
        """
        self._check_first()
        waiting = self._course.open()
        if not waiting:
            return None
        trial = min(waiting, key=lambda trial: (self._times.get(trial.number, 0), trial.number))
        times = self._times.get(trial.number, 0)
        if times >= _PATIENCE:
            raise StudyError(
                f"trial {trial.number} was asked for {times} times and never told: expected tell(trial, loss), or "
                "fail(trial, error) for a training that broke"
            )
        self._times[trial.number] = times + 1
        return trial

    def ready(self) -> list[Trial]:
        """All trials that can be made now, independently of each other; none at the end.

        For loops that make several trainings at a time: make these, tell each, and look again.

        Raises:
            StudyError: If the first trainings all ended in an exception.
        """
        self._check_first()
        return self._course.open()

    def tell(self, trial: Trial, loss: float) -> None:
        """The loss of a trial's training; lower is better.

        Args:
            trial: The trial, as :meth:`ask` or :meth:`ready` gave it.
            loss: A number from 0; one that is not finite counts as lost. Anything that ``float`` takes.

        A trial that is told twice keeps what it was told first.

        Raises:
            StudyError: If the trial is not of this study, or the loss is no number or below 0.
        """
        try:
            number = float(loss)
        except (TypeError, ValueError) as error:
            raise StudyError(f"trial {trial.number} was told {loss!r}: expected a number") from error
        if number < 0 and math.isfinite(number):
            raise StudyError(
                f"trial {trial.number} was told {number}: expected a loss above 0, of which the study takes the "
                "logarithm; for what is to be high tell, for instance, 1 − accuracy"
            )
        self._put(trial, number if math.isfinite(number) else None, None)

    def fail(self, trial: Trial, error: BaseException | str) -> None:
        """Tells that a trial's training broke: it counts as lost, and is not made again.

        Args:
            trial: The trial.
            error: What broke it, for the record.

        Raises:
            StudyError: If the trial is not of this study.
        """
        text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        self._put(trial, None, text)

    def optimize(
        self,
        function: Callable[[Trial], float],
        executor: Any = None,
        parallel: int | None = None,
        ray: bool = False,
    ) -> Verdict:
        """Makes all trainings that are left, and returns the verdict.

        Args:
            function: Trains once for a trial, and returns the loss. With processes it must be one that can be
                pickled: a function of a module. An exception counts as a lost training.
            executor: Any executor of ``concurrent.futures``; without one the trainings are made here, one after the
                other.
            parallel: Trainings at a time; by default as many as the executor has workers.
            ray: Whether to make the trainings as tasks of Ray (``pip install descender[ray]``), on the cluster that
                Ray is connected to, or else on this machine. Each task has one processor and one thread, and is made
                again if its worker is lost.

        Returns:
            The verdict. Neither the executor nor the order in which trainings end changes it.

        Raises:
            StudyError: If the first trainings all ended in an exception, or the executor is lost.
        """
        evaluate(self, function, executor, parallel, ray)
        return self._ended("verdict")

    @property
    def finished(self) -> bool:
        """Whether all trainings are made."""
        return self._course.finished

    @property
    def made(self) -> int:
        """Trainings that were told."""
        return len(self._told)

    @property
    def found(self) -> Found:
        """All that the study has found so far: tuning, rounds, candidates, comparison."""
        return self._course.found

    @property
    def job(self) -> Job:
        """What is known of the training: what the study was told, or what its trials were."""
        for number in sorted(self._told):
            job = self._told[number].job
            if job is not None:
                return read_job(job, "job")
        return self._settings.job

    @property
    def best(self) -> Controller:
        """The controller found; before the end the one of the latest round, which nothing has chosen yet.

        Raises:
            StudyError: If there is none yet: a blind study that is still tuning one-cycle.
        """
        return self._policy().controller

    @property
    def schedule(self) -> Schedule:
        """The controller found as a table, with all that it sets at each step of the job.

        Raises:
            StudyError: If there is no controller yet.
            SettingsError: If it looks at the losses, and so has no one schedule.
        """
        return Schedule.of(self.best, self.job)

    @property
    def verdict(self) -> Verdict | None:
        """What to use, with what is to be gained; ``None`` before the end."""
        return self._verdict

    def report(self) -> str:
        """The study as one HTML page that needs nothing else.

        Raises:
            StudyError: Before the end.
        """
        return page(self._settings, self.job, self.found, self._ended("report"), self.best)

    def result(self) -> dict[str, Any]:
        """All figures of the study as plain data, ready for JSON; a number that is not finite is ``None``.

        Raises:
            StudyError: Before the end.
        """
        return figures(self.plan, self.job, self.made, self.found, self._ended("result"))

    def close(self) -> None:
        """Gives the folder free for another process. A study that is not kept in a folder needs no closing."""
        if self._folder is not None:
            self._folder.close()

    def __enter__(self) -> Study:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ended(self, what: str) -> Verdict:
        if self._verdict is None:
            raise StudyError(f"{self.made} of {self.plan.total} trainings are made: expected all before the {what}")
        return self._verdict

    def _policy(self) -> LinearPolicy:
        policy = self.found.policy
        if policy is None:
            raise StudyError("no controller yet: a blind study has one after its tuning")
        return policy

    def _put(self, trial: Trial, loss: float | None, error: str | None) -> None:
        asked = self._course.asked
        if not (0 <= trial.number < len(asked)) or asked[trial.number] != trial:
            raise StudyError(f"trial {trial.number} is not of this study: expected one that it asked for")
        known = trial.noted
        job = None if known is None or known == self._settings.job else job_fields(known)
        told = Told(trial.number, loss, error, job)
        before = self._told.get(trial.number)
        if before is not None:
            if before.loss != loss:
                warnings.warn(
                    f"trial {trial.number} was told {before.loss} before, and now {loss}: the first stands",
                    stacklevel=3,
                )
            return
        if error is not None and len(self._broken) == len(self._told):
            # As long as every training ends in an exception it is the function that is wrong: none of it is kept.
            self._broken.append(told)
        else:
            if self._folder is not None:
                for kept in (*self._broken, told):
                    self._folder.add(kept)
            self._broken.clear()
        self._take(told)
        self._finish()

    def _take(self, told: Told) -> None:
        if not 0 <= told.number < len(self._course.asked):
            raise StudyError(f"trial {told.number} is not of this study: expected 0 to {len(self._course.asked) - 1}")
        if told.number in self._told:
            return  # of two lines on one trial the first stands
        self._told[told.number] = told
        self._course.tell(told.number, math.inf if told.loss is None else told.loss)

    def _check_first(self) -> None:
        if len(self._broken) >= _PATIENCE:
            raise StudyError(
                f"the first {len(self._broken)} trainings all ended in an exception: {self._broken[-1].error}"
            )

    def _finish(self) -> None:
        self._progress.show(self.made, self.plan.total, self._stage(), self._so_far())
        if not self._course.finished or self._verdict is not None:
            return
        found, best = self.found, self.best
        self._verdict = verdict(
            found.compared,
            found.rate or 0.0,
            found.start_name,
            best.description["method"]["name"],
            open_loop=not best.needs_losses,
            at_the_end=found.at_the_end,
            seed=self._settings.seed,
        )
        self._progress.say(str(self._verdict))
        if self._folder is not None:
            self._write(self._folder, best)

    def _write(self, folder: Folder, best: Controller) -> None:
        """The results, from the losses alone: the same bytes for the same losses."""
        folder.put_in_order(self._told)
        folder.write("best.safetensors", self._policy().to_bytes())
        if not best.needs_losses:
            folder.write("schedule.csv", self.schedule.to_csv().encode())
        folder.write("result.json", (json.dumps(self.result(), indent=2, ensure_ascii=False) + "\n").encode())
        folder.write("report.html", self.report().encode())

    def _stage(self) -> str:
        return self._course.stage[0].stage if self._course.stage else "done"

    def _so_far(self) -> str:
        found = self.found
        if found.rate is None:
            return ""
        loss = min(interquartile_mean(losses) for _, losses in found.tuning)
        return f"one-cycle {found.rate:g}: {loss:.4g}"
