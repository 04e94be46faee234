"""Ray as an executor: tasks without state, one processor and one thread each, made again if their worker is lost."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from .errors import StudyError

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS")
"""Environment variables that keep a task to its one processor; Ray itself sets only the first."""
RETRIES = 10
"""How often a task is made again whose worker was lost."""


class RayExecutor(Executor):
    """An executor whose calls are tasks of Ray, on the cluster that Ray is connected to, or else on this machine.

    Raises:
        StudyError: If Ray is not installed.
    """

    def __init__(self) -> None:
        try:
            ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise StudyError("ray=True needs Ray: pip install 'descender[ray]'") from error
        self._ray = ray
        self._own = not ray.is_initialized()
        if self._own:
            ray.init(log_to_driver=False, include_dashboard=False)
        self.workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
        """Processors of the cluster."""
        self._call = ray.remote(
            num_cpus=1,
            max_retries=RETRIES,
            runtime_env={"env_vars": dict.fromkeys(THREADS, "1")},
        )(_call)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Makes a call as a task; the arguments are pickled."""
        future: Future[Any] = self._call.remote(fn, args, kwargs).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves Ray, if it was this that began it."""
        if self._own and self._ray.is_initialized():
            self._ray.shutdown()


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)
