//! A job of a set: its data, its network, its batches and its steps.

use std::sync::OnceLock;

use descender_nn::{Activation, Layer, Network, NetworkSpecification, SequenceOutput, Shape};
use descender_random::{Purpose, stream};
use descender_task::data::mnist;
use descender_task::data::tables::EmbeddedTable;
use descender_task::file::embedded_table;
use descender_task::{Answers, Dataset, Job, Problem, StartPoint, StartPurpose, Task};

use crate::draw::Draw;
use crate::set::{DataSource, JobSet, NetworkFamily, name_of};
use crate::synthetic;

const TRAINING_JOBS: Purpose = Purpose::new(20, "jobs to train on");
const SELECTION_JOBS: Purpose = Purpose::new(21, "jobs to choose by");
const REPORT_JOBS: Purpose = Purpose::new(22, "jobs to report on");

/// Selection examples of a job: what a controller's probe looks at.
const SELECTION: usize = 128;
/// Validation examples of made-up data, and of images.
const VALIDATION: usize = 1000;
/// Share of a table's rows that are not learned.
const HELD_OUT: f64 = 0.4;

/// A job of a set.
#[derive(Clone, Debug)]
pub struct JobInstance {
    /// The task; its steps are the job's.
    pub task: Task,
    /// Where its examples come from.
    pub data: DataSource,
    /// The kind of its network.
    pub network: NetworkFamily,
    /// Where its descents start.
    pub start: StartPoint,
}

impl JobInstance {
    /// The job, as a controller is told of it.
    #[must_use]
    pub fn job(&self) -> Job {
        self.task.job()
    }
}

impl JobSet {
    /// Job number `index` of those that serve `purpose`.
    #[must_use]
    pub fn instance(&self, purpose: StartPurpose, index: u64) -> JobInstance {
        let stream_purpose = match purpose {
            StartPurpose::Report => REPORT_JOBS,
            StartPurpose::Selection | StartPurpose::Tuning => SELECTION_JOBS,
            StartPurpose::Training | StartPurpose::Calibration => TRAINING_JOBS,
        };
        let mut draw = Draw::new(stream(self.seed, stream_purpose, index));
        let start = StartPoint {
            purpose,
            seed: self.seed,
            index,
        };
        loop {
            let plan = Plan::draw(self, &mut draw);
            if let Some(network) = plan.network()
                && plan.work(&network) <= self.work
            {
                return plan.instance(self, &mut draw, start);
            }
        }
    }
}

/// What a job is, before its data are made.
struct Plan {
    data: DataSource,
    family: NetworkFamily,
    width: usize,
    depth: usize,
    activation: Activation,
    kernel: usize,
    batch: usize,
    steps: u64,
    examples: usize,
    noise: f64,
    scale: f64,
}

impl Plan {
    fn draw(set: &JobSet, draw: &mut Draw) -> Self {
        let data = draw.pick(&set.data);
        let images = data.is_images();
        let families: Vec<NetworkFamily> = (set.networks.iter().copied())
            .filter(|family| images || !family.needs_images())
            .collect();
        let family = match families.is_empty() {
            true => NetworkFamily::Perceptron, // work too large: drawn again with other data
            false => draw.pick(&families),
        };
        let [fewest, most] = set.examples.map(|count| count as f64);
        let [shortest, longest] = set.steps.map(|steps| steps as f64);
        let (noise, scale) = (set.noise, set.scale);
        Plan {
            data,
            family,
            width: draw.pick(&set.widths),
            depth: draw.pick(&set.depths),
            activation: match draw.unit() < 0.6 {
                true => Activation::Relu,
                false => Activation::Tanh,
            },
            kernel: draw.pick(&[3, 5]),
            batch: draw.pick(&set.batches),
            steps: draw.log_between(shortest, longest).round() as u64,
            examples: draw.log_between(fewest, most).round() as usize,
            noise: match draw.unit() < noise.share {
                true => draw.between(noise.from, noise.to),
                false => 0.0,
            },
            scale: match draw.unit() < scale.share {
                true => draw.log_between(scale.from, scale.to),
                false => 1.0,
            },
        }
    }

    /// A network of the plan's size, to tell its work; its inputs and outputs are known for images only.
    fn network(&self) -> Option<Network> {
        let (shape, outputs) = match self.data {
            DataSource::Mnist => (images()[0].shape, 10),
            DataSource::MnistFull => (full_images()[0].shape, 10),
            _ => (Shape::flat(64), 10),
        };
        Network::new(self.specification(shape, outputs)).ok()
    }

    fn specification(&self, shape: Shape, outputs: usize) -> NetworkSpecification {
        let width = self.width;
        let state = width.min(48);
        let last = Layer::Linear { outputs };
        let layers = match self.family {
            NetworkFamily::Perceptron | NetworkFamily::Own => {
                let hidden = vec![width; self.depth];
                return NetworkSpecification::multi_layer_perceptron(
                    shape.count(),
                    &hidden,
                    outputs,
                    self.activation,
                );
            }
            NetworkFamily::Convolution => self.convolutions(last),
            NetworkFamily::Gru => vec![
                Layer::Gru {
                    hidden: state,
                    output: SequenceOutput::Last,
                },
                last,
            ],
            NetworkFamily::Lstm => vec![
                Layer::Lstm {
                    hidden: state,
                    output: SequenceOutput::Last,
                },
                last,
            ],
            NetworkFamily::Residual => {
                let width = width.min(64);
                let block = || {
                    Layer::Residual(vec![
                        Layer::LayerNorm,
                        Layer::Linear { outputs: width },
                        Layer::Relu,
                        Layer::Linear { outputs: width },
                    ])
                };
                let layers = vec![
                    Layer::Linear { outputs: width },
                    block(),
                    block(),
                    Layer::LayerNorm,
                    last,
                ];
                return NetworkSpecification {
                    input: Shape::flat(shape.count()),
                    layers,
                };
            }
        };
        NetworkSpecification {
            input: shape,
            layers,
        }
    }

    /// One convolution or two, each with pooling and twice the channels of the one before, then a hidden layer or none.
    fn convolutions(&self, last: Layer) -> Vec<Layer> {
        let mut layers = Vec::new();
        for block in 0..self.depth.clamp(1, 2) {
            layers.extend([
                Layer::Conv2d {
                    out_channels: (self.width / 8) << block,
                    kernel: self.kernel,
                    stride: 1,
                    padding: self.kernel / 2,
                },
                Layer::Relu,
                Layer::MaxPool2d { size: 2, stride: 2 },
            ]);
        }
        if self.depth % 2 == 1 {
            layers.extend([Layer::Linear { outputs: 32 }, Layer::Relu]);
        }
        layers.push(last);
        layers
    }

    /// About so many multiplications and additions of a descent.
    fn work(&self, network: &Network) -> f64 {
        let uses = match self.family {
            NetworkFamily::Gru | NetworkFamily::Lstm => 14.0 * network.parameter_count() as f64,
            _ => multiplications(network.specification()),
        };
        6.0 * uses * self.batch as f64 * self.steps as f64
    }

    fn instance(&self, set: &JobSet, draw: &mut Draw, start: StartPoint) -> JobInstance {
        let [mut train, mut selection, mut validation] = self.data_sets(draw, start.purpose);
        for data in [&mut train, &mut selection, &mut validation] {
            let scale = self.scale as f32;
            data.inputs.iter_mut().for_each(|input| *input *= scale);
            if let Answers::Classes { count, labels, .. } = &mut data.answers {
                for label in labels {
                    if draw.unit() < self.noise {
                        *label = draw.below(*count) as u8;
                    }
                }
            }
        }
        let specification = self.specification(train.shape, train.answers.outputs());
        let batch = self.batch.min(train.len());
        let name = format!(
            "{} {}: {} of {} examples, {}{}, batches of {batch}, {} steps",
            set.name,
            start.index,
            name_of(&self.data),
            train.len(),
            name_of(&self.family),
            match self.family {
                NetworkFamily::Perceptron => format!(" {}×{}", self.depth, self.width),
                _ => format!(" {}", self.width),
            },
            self.steps
        );
        let task = Task::new(
            name,
            set.about.clone(),
            train.into(),
            validation.into(),
            specification,
            batch,
        )
        .expect("a set makes data and networks that fit together");
        JobInstance {
            task: Task {
                steps: self.steps,
                selection: Some(selection.into()),
                ..task
            },
            data: self.data,
            network: self.family,
            start,
        }
    }

    /// Training, selection and validation data, as they come from the source.
    ///
    /// The validation images of jobs that are not reported are selection images: no image by which a controller is
    /// reported has been looked at before.
    fn data_sets(&self, draw: &mut Draw, purpose: StartPurpose) -> [Dataset; 3] {
        let table = |name: &str, draw: &mut Draw| {
            let table = EmbeddedTable::by_name(name).expect("a source is a table that there is");
            let seed = draw.below(1 << 30) as u64;
            let (train, held_out) = embedded_table(table, HELD_OUT, seed)
                .expect("the embedded tables have enough rows");
            let count = SELECTION.min(held_out.len() / 3);
            let (selection, validation) = held_out.split(count, seed);
            [train, selection, validation]
        };
        match self.data {
            DataSource::Mnist | DataSource::MnistFull => {
                let [train, selection, validation] = match self.data {
                    DataSource::Mnist => images(),
                    _ => full_images(),
                };
                let learned = draw.some_of(self.examples, train.len());
                let others = draw.some_of(selection.len(), selection.len());
                let reported = draw.some_of(VALIDATION, validation.len());
                let (probed, others) = others.split_at(SELECTION);
                let validation = match purpose {
                    StartPurpose::Report => validation.picked(reported),
                    _ => selection.picked(others.iter().copied()),
                };
                let probed = selection.picked(probed.iter().copied());
                [train.picked(learned), probed, validation]
            }
            DataSource::Mixture | DataSource::Teacher | DataSource::TeacherNumbers => {
                let counts = [self.examples.min(4000), SELECTION, VALIDATION];
                synthetic::data_sets(draw, self.data, counts)
            }
            DataSource::Digits => table("digits", draw),
            DataSource::Wine => table("wine", draw),
            DataSource::Cancer => table("cancer", draw),
            DataSource::Iris => table("iris", draw),
            DataSource::Penguins => table("penguins", draw),
            DataSource::Vote => table("vote", draw),
            DataSource::Own => unreachable!("no set draws it"),
        }
    }
}

/// Multiplications of an example on its way through a network without recurrence.
fn multiplications(specification: &NetworkSpecification) -> f64 {
    let shapes = specification.shapes().unwrap_or_default();
    let of = |(layer, ends): (&Layer, &[Shape])| match layer {
        Layer::Linear { outputs } => (ends[0].count() * outputs) as f64,
        Layer::Conv2d { kernel, .. } => {
            (ends[1].count() * ends[0].channels * kernel * kernel) as f64
        }
        Layer::Residual(inner) => multiplications(&NetworkSpecification {
            input: ends[0],
            layers: inner.clone(),
        }),
        _ => 0.0,
    };
    (specification.layers.iter())
        .zip(shapes.windows(2))
        .map(of)
        .sum()
}

/// The embedded MNIST at 14 × 14 pixels: training, selection and validation images.
fn images() -> &'static [Dataset; 3] {
    static IMAGES: OnceLock<[Dataset; 3]> = OnceLock::new();
    IMAGES.get_or_init(|| {
        full_images().each_ref().map(|data| {
            (data.average_pooled(2)).expect("28 is divisible by 2, and the images are 28 × 28")
        })
    })
}

/// The same at 28 × 28 pixels, as they are.
fn full_images() -> &'static [Dataset; 3] {
    static IMAGES: OnceLock<[Dataset; 3]> = OnceLock::new();
    IMAGES.get_or_init(|| {
        let mnist::Embedded {
            train,
            validation,
            selection,
        } = mnist::embedded();
        [train, selection, validation].map(|data| Dataset::clone(&data))
    })
}
