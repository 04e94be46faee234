//! The arguments of the command line, before they are checked.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use descender_compare::shard::Shard;
use descender_train::configuration::{MOST_STARTS, MOST_STEPS};

/// Reinforcement-learning controllers that set an optimizer's hyper-parameters while a neural network trains.
#[derive(Debug, Parser)]
#[command(name = "descender", version, max_term_width = 110)]
pub(crate) struct Arguments {
    /// Print only warnings and errors to standard error; results still go to standard output
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a controller, then compare it with its rivals on held-out start points.
    Train(TrainArguments),
    /// Compare optimizers, schedules and controllers from the same start points.
    Compare(CompareArguments),
    /// Reproduce the paper's figures and check which of its findings hold here.
    Reproduce(ReproduceArguments),
    /// Write one HTML page about one or more runs. The page needs no network.
    Report(ReportArguments),
    /// Make one folder of the shards of a comparison, or of runs that differ in their seeds alone.
    Merge(MergeArguments),
    /// Explain a controller file or a run folder.
    Inspect(InspectArguments),
    /// Turn a controller into what works without this program: a schedule (a plain table), or its policy.
    ///
    /// `policy` writes the controller for other programs: json (everything), onnx (the network), c (one C99 file that steers).
    /// `schedule` takes, at each step, the mean of everything that the controller sets over 16 descents. It then
    /// compares the schedule with the controller on unseen start points. One sentence on standard error says which to
    /// use: the schedule, unless the controller is shown to be better.
    Export(ExportArguments),
    /// List the names that settings and the command line accept.
    List(ListArguments),
    /// Measure how many optimizer steps per second this machine makes.
    Bench(BenchArguments),
    /// Check the data of a task, or fetch a published data set.
    Data(DataArguments),
}

#[derive(Debug, Args)]
pub(crate) struct TrainArguments {
    /// Preset to start from (see `descender list presets`) [default: quick]
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// Task to train on: a name (see `descender list tasks`), or a task file that ends in .toml, which also says the steps
    /// and the objective [default: the preset's]
    ///
    /// A task file alone, whose objective is the validation loss, specialises the controller `pretrained` and says in one
    /// sentence what to use; with --preset, --config or --set it is trained on as a named task is. The name or the file of a
    /// set of jobs learns one controller over all of them (settings: --set rounds=N, instances=N, readings=[…], …).
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// Of a set of jobs: sources of examples and kinds of networks that are left out, separated by commas, such as
    /// teacher,convolution
    #[arg(long, value_name = "LIST", requires = "task")]
    pub(crate) leave_out: Option<String>,
    /// TOML file of settings that override the preset
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Steps of each descent: sets everything that depends on the length of a descent, in training and comparison
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_STEPS))]
    pub(crate) steps: Option<u64>,
    /// Setting that overrides all others; KEY is a dotted key of config.toml, or its last part if that is unambiguous
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Folder of IDX files to use instead of the embedded MNIST images. A tenth of its training images is kept for
    /// rewards and the choice of the controller; --set 'task=idx-cnn;selection=0.2' keeps another share
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Run folder to create [default: runs/PRESET-N]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Continue the run in this folder from its last checkpoint; the result is bit for bit that of an uninterrupted run
    #[arg(long, value_name = "DIR", conflicts_with_all = ["preset", "task", "config", "set", "steps", "data", "out", "seed", "seeds"])]
    pub(crate) resume: Option<PathBuf>,
    /// Also write TensorBoard event files, to `tensorboard` in the run folder; a resumed run continues them
    #[arg(long)]
    pub(crate) tensorboard: bool,
    /// Number of threads; it never changes a result [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Train once with each of these seeds (A..B, ends included, or A,B,C), compare all on the same starts (of
    /// comparison.seed, or of the first seed), and show them in one table and on one page. --out is then a folder with a run folder for each seed; the same command with
    /// the same --out continues it
    #[arg(long, value_name = "SEEDS", conflicts_with = "seed")]
    pub(crate) seeds: Option<Seeds>,
    /// Seed of every random stream [default: the preset's]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub(crate) seed: Option<u64>,
}

/// Several seeds, as on the command line: `1..5` or `1,4,9`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seeds(pub Vec<u64>);

/// The most trainings that one command makes.
const MOST_SEEDS: u64 = 1000;

impl std::str::FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("expected seeds like 1..5 or 1,4,9, at most {MOST_SEEDS} of them, each once")
        };
        let seed = |text: &str| {
            let seed: Option<u64> = text.trim().parse().ok();
            seed.filter(|seed| *seed <= i64::MAX as u64)
                .ok_or_else(expected)
        };
        let seeds = match text.split_once("..") {
            Some((first, last)) => {
                let (first, last) = (seed(first)?, seed(last.trim_start_matches('='))?);
                if last < first || last - first >= MOST_SEEDS {
                    return Err(expected());
                }
                (first..=last).collect()
            }
            None => text.split(',').map(seed).collect::<Result<Vec<u64>, _>>()?,
        };
        let mut sorted = seeds.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != seeds.len() || seeds.len() as u64 > MOST_SEEDS {
            return Err(expected());
        }
        Ok(Self(seeds))
    }
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// Controller file, or a run folder that holds one
    #[arg(long, value_name = "FILE")]
    pub(crate) controller: Option<PathBuf>,
    /// Initial learning rate of the controller's descents, clamped to its bounds. It has no effect on a controller
    /// that sets the learning rate afresh at each decision [default: the controller's]
    #[arg(long, value_name = "RATE", requires = "controller")]
    pub(crate) initial_learning_rate: Option<f64>,
    /// Task to train on: a name (see `descender list tasks`), or a task file that ends in .toml. Optional changes follow after `;`: batch=N, width=F, data=F,
    /// noise=F, selection=F, as in 'mnist-cnn;batch=16'. The name or the file of a set of jobs compares over --starts of its
    /// jobs, and --seed draws others [default: the controller's, or mnist-cnn]
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// Of a set of jobs: the sources of examples and kinds of networks that are compared on, separated by commas
    #[arg(long, value_name = "LIST", requires = "task")]
    pub(crate) only: Option<String>,
    /// Of a set: add a portfolio. The controller, schedule-free AdamW, one-cycle and Prodigy, as far as they are compared,
    /// begin each job, and the one that is ahead after a tenth of the steps goes on, all at the cost of one
    #[arg(long)]
    pub(crate) portfolio: bool,
    /// Folder of IDX files to use instead of the embedded MNIST images [default: that of the controller's run]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Contenders, separated by commas (see `descender list optimizers`) [default: sgd:0.1,adam:0.001]
    ///
    /// NAME:η: an optimizer with its learning rate, such as sgd:0.1, or a schedule with its highest one, such as
    /// linear:0.25.
    /// tuned:NAME: the method with the best settings of a search on separate starts, for=first-hit or for=validation-loss.
    /// panel: the standing panel of strong rivals, each tuned for both.
    /// schedule:FILE: a table of η, and of the other hyper-parameters that its columns name, for each step; over the
    /// optimizer that it names, or SGD.
    /// controller:FILE: another controller.
    /// untrained, anchor, blind, replay, random: negative controls of the controller; controls: all of them.
    /// none: the controller alone.
    /// Further settings follow after `;` as key=value: momentum:0.05;momentum=0.95, linear:0.2;optimizer=momentum,
    /// cosine:0.01;optimizer=adamw;warmup=0.05, tuned:adam;beta2=0.99/0.999, tuned:sgd;starts=8;grid=0.1/0.2/0.4
    /// A path with a comma or semicolon stands in double quotes: 'schedule:"a, b/s.csv"'.
    #[arg(
        long,
        value_name = "LIST",
        default_value = "sgd:0.1,adam:0.001",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) against: String,
    /// Number of held-out start points, at most 100,000; every contender starts from each of them
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=MOST_STARTS))]
    pub(crate) starts: u64,
    /// Steps of each descent. A controller that is paced by the length of its descents steers no others [default: the
    /// steps that the controller was trained for, or 750]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_STEPS))]
    pub(crate) steps: Option<u64>,
    /// Batch loss that counts as a hit
    #[arg(long, value_name = "LOSS", default_value_t = 0.02)]
    pub(crate) threshold: f32,
    /// Seed of the start points and of the bootstrap
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of threads; it never changes a result [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Folder to create for comparison.json, comparison.csv and report.html; finished descents are saved in it along the
    /// way. Without it, only an interrupted comparison leaves a folder, and says where
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Make only shard I of N, for a machine of its own: every N-th start (or job of a set). `descender merge` makes the whole
    /// of the shards' folders, byte for byte that of one machine. What is found out beforehand (tuned: rivals, controls)
    /// is found out by every shard
    #[arg(long, value_name = "I/N", requires = "out")]
    pub(crate) shard: Option<Shard>,
    /// Continue the interrupted comparison in this folder; the result is that of an uninterrupted one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["controller", "initial_learning_rate", "task", "data", "against", "starts", "steps", "threshold", "seed", "out", "shard"])]
    pub(crate) resume: Option<PathBuf>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// Folders of all shards of a comparison (see `descender compare --shard`), or run folders (see `descender train`)
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// Folder to create [default: runs/merged-N]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Number of threads; it never changes a result [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FigureChoice {
    /// Constant learning rates
    Fig1,
    /// A controller trained from a fixed start point
    Fig2,
    /// Training from random start points
    Fig3,
    /// How the course of η changes during training
    Fig4,
    /// The chosen controller on validation data
    Fig5,
    /// All five; they share training runs
    All,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum BudgetChoice {
    /// The paper's numbers: 50 and 800 episodes of 2,500 steps
    Full,
    /// Shorter descents, fewer episodes and fewer starts
    Quick,
    #[value(hide = true)]
    Tiny,
}

#[derive(Debug, Args)]
pub(crate) struct ReproduceArguments {
    /// Figure to reproduce
    #[arg(required_unless_present = "resume")]
    pub(crate) figure: Option<FigureChoice>,
    /// How much to compute
    #[arg(long, default_value = "quick")]
    pub(crate) budget: BudgetChoice,
    /// Folder to write to; results already in it are kept [default: runs/reproduce-BUDGET]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Continue the interrupted command of this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["figure", "budget", "out", "seed", "data"])]
    pub(crate) resume: Option<PathBuf>,
    /// Folder of IDX files to use instead of the embedded MNIST images
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Number of threads; it never changes a result [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Seed of every random stream
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Run folders
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// File to write [default: report.html in the run folder, or in the current folder for several runs]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// Controller file or name, or run folder
    #[arg(value_name = "FILE|DIR")]
    pub(crate) path: PathBuf,
    /// Also say which reading moved the learning rate, decision by decision, in a descent of this task
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// Steps of that descent [default: the steps that the controller was trained for, or the task's]
    #[arg(long, value_name = "N", requires = "task", value_parser = clap::value_parser!(u64).range(1..=MOST_STEPS))]
    pub(crate) steps: Option<u64>,
    /// Seed of that descent's start
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Product {
    /// A table of hyper-parameters, one line per step
    Schedule,
    /// The controller for other programs
    Policy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One document with the optimizer, a list per hyper-parameter, and the comparison; `schedule:FILE` reads it
    Json,
    /// One column per hyper-parameter and one for the optimizer, one line per step; `schedule:FILE` reads it
    Csv,
    /// Python source for PyTorch: a learning-rate scheduler, and the optimizer that makes the same steps
    Torch,
    /// For a policy: an ONNX model from features to action, with the rest in its metadata
    Onnx,
    /// For a policy: one C99 file that steers, without allocation
    C,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// What to export
    #[arg(value_name = "WHAT")]
    pub(crate) product: Product,
    /// Controller file, a run folder that holds one, or the name of one (see `descender list controllers`)
    #[arg(value_name = "FILE|DIR|NAME")]
    pub(crate) path: PathBuf,
    /// Format: json, csv or torch of a schedule, json, onnx or c of a policy [default: by the ending of --out, otherwise json]
    #[arg(long)]
    pub(crate) format: Option<ExportFormat>,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Task on which the controller is recorded and compared, with optional changes after `;` as in `compare --task`
    /// [default: the controller's]
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// Folder of IDX files to use instead of the embedded MNIST images [default: that of the controller's run]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Steps of each descent, and so of the schedule. A controller that is paced by the length of its descents steers no
    /// others [default: the steps that the controller was trained for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_STEPS))]
    pub(crate) steps: Option<u64>,
    /// Number of held-out start points for comparing the controller with its schedule; 0: no comparison
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u64).range(0..=MOST_STARTS))]
    pub(crate) starts: u64,
    /// Batch loss that counts as a hit in the comparison
    #[arg(long, value_name = "LOSS", default_value_t = 0.02)]
    pub(crate) threshold: f32,
    /// Seed of all start points and of the bootstrap
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of threads; it never changes a result [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Subject {
    Tasks,
    Optimizers,
    Agents,
    Rewards,
    Observations,
    Actions,
    Presets,
    Controllers,
    /// Every key of config.toml, with type, default and meaning
    Settings,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// What to list
    pub(crate) subject: Subject,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// Task to measure (see `descender list tasks`) [default: mnist-cnn, or idx-cnn with --data]
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// Folder of IDX files to use instead of the embedded MNIST images
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Seconds to measure, after a warm-up
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    pub(crate) seconds: f64,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    pub(crate) action: DataAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataAction {
    /// Read a task's data and say what it contains, or why it is rejected
    Check {
        /// Task whose data to check (see `descender list tasks`) [default: mnist-cnn, or idx-cnn with --data]
        name: Option<String>,
        /// Folder of IDX files to check, instead of the embedded MNIST images
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Fetch a published data set: mnist (11.6 MB, CC BY-SA 3.0) or fashion-mnist (30.9 MB, MIT)
    ///
    /// Mirrors are tried in order, over plain HTTP; each file must have the published SHA-256. What was cut is continued by
    /// the same command.
    Fetch {
        /// mnist or fashion-mnist
        name: String,
        /// Folder to put the four files in; it is made where it is missing [default: data/NAME]
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
        /// Address of a mirror of your own, below which the four files are, instead of the published mirrors
        #[arg(long, value_name = "URL")]
        from: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::Seeds;

    #[test]
    fn seeds_are_a_range_or_a_list() {
        let read = |text: &str| text.parse::<Seeds>().map(|seeds| seeds.0);
        assert_eq!(read("1..5"), Ok(vec![1, 2, 3, 4, 5]));
        assert_eq!(read("7..7"), Ok(vec![7]));
        assert_eq!(read("9, 4,1"), Ok(vec![9, 4, 1]));
        for wrong in [
            "",
            "5..1",
            "1..",
            "1..1000000",
            "1,1",
            "1,x",
            "-1..2",
            "9223372036854775808",
        ] {
            assert!(read(wrong).unwrap_err().contains("1..5"), "{wrong}");
        }
    }
}
