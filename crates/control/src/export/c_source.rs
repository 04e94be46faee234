//! A controller as one C99 file: definitions that say which controller it is, and code that is the same for all (`steer.c`).
//!
//! Single precision throughout, as here; sums may be in another order, so numbers agree to about six digits. Nothing is
//! allocated, and nothing is needed but the C library's mathematics.

use std::fmt::Write as _;

use descender_optim::{HyperParameters, Job, Targets};

use super::{PlainLayer, PolicyExportError, plain_layers};
use crate::{
    ActionSettings, Anchored, BaseSchedule, ControlSettings, Controller, Dimension,
    JobObservationSettings, ObservationSettings, Parameter, Scale,
};

/// The code that is the same for every controller.
const STEER: &str = include_str!("steer.c");

impl Controller {
    /// The controller as one C99 file: `descender_start`, and `descender_step` after each step.
    ///
    /// It has everything but the safety net. A loss that is not finite puts η at its lower bound until the next decision.
    ///
    /// # Errors
    /// The code has no such layers, observation or actions.
    pub fn to_c(&self) -> Result<String, PolicyExportError> {
        let ActionSettings::Anchored(anchored) = &self.control().action else {
            let action = self.control().action.definition();
            let name = action.map_or(String::new(), |action| action.name().to_owned());
            return Err(PolicyExportError::Action(name));
        };
        let observation = Observed::of(self.control())?;
        let layers = plain_layers(self)?;
        let mut code = head(self);
        code += TYPES;
        code += &observation.definitions();
        code += &control(self, anchored);
        code += &policy(&layers, self.policy().network().input_count());
        Ok(code + STEER)
    }
}

/// What an observation needs of the file.
enum Observed<'a> {
    Job(&'a JobObservationSettings),
    /// Windows of the loss averages, the pace, and whether time is in points.
    Losses {
        windows: [f32; 2],
        pace: f32,
        points: bool,
    },
}

impl<'a> Observed<'a> {
    fn of(control: &'a ControlSettings) -> Result<Self, PolicyExportError> {
        match &control.observation {
            ObservationSettings::Job(job) => Ok(Self::Job(job)),
            ObservationSettings::Progress(own) => Ok(Self::Losses {
                windows: [own.fast_window, own.slow_window],
                pace: own.total_steps,
                points: false,
            }),
            ObservationSettings::Timetable(own) => Ok(Self::Losses {
                windows: [own.fast_window, own.slow_window],
                pace: own.total_steps,
                points: true,
            }),
            other => Err(PolicyExportError::Observation(other.name().to_owned())),
        }
    }

    fn definitions(&self) -> String {
        match self {
            Self::Job(job) => format!(
                "#define DESCENDER_JOB 1\n#define DESCENDER_POINTS 1\n#define DESCENDER_PACE {}\n\
                 #define DESCENDER_PROBE_EVERY {}\n#define DESCENDER_PROBE_EXAMPLES {}ul\n\
                 static const descender_job descender_own_job = {};\n\
                 static const float descender_centre[15] = {{{}}};\nstatic const float descender_spread[15] = {{{}}};\n\
                 static const float descender_least[9] = {{{}}}, descender_most[9] = {{{}}};\n\
                 #define DESCENDER_REACH {}\nstatic const float descender_precision[9][9] = {{{}}};\n",
                number(job.job.steps as f32),
                job.probe_every,
                job.probe_examples,
                own_job(&job.job),
                list(&job.centre),
                list(&job.spread),
                list(&job.least),
                list(&job.most),
                number(job.reach),
                job.precision
                    .map(|row| format!("{{{}}}", list(&row)))
                    .join(", ")
            ),
            Self::Losses {
                windows: [fast, slow],
                pace,
                points,
            } => format!(
                "#define DESCENDER_JOB 0\n#define DESCENDER_POINTS {}\n#define DESCENDER_PACE {}\n\
                 #define DESCENDER_PROBE_EVERY 0\n#define DESCENDER_FAST_WINDOW {}\n#define DESCENDER_SLOW_WINDOW {}\n\
                 static const descender_job descender_own_job = {{0}};\n",
                u8::from(*points),
                number(*pace),
                number(*fast),
                number(*slow)
            ),
        }
    }
}

/// A job as C has it: 0 is what is not known.
fn own_job(job: &Job) -> String {
    let count = |known: Option<u64>| known.unwrap_or(0);
    let size = |known: Option<f32>| number(known.filter(|size| size.is_finite()).unwrap_or(0.0));
    let (classes, numbers) = match job.targets {
        Some(Targets::Classes(classes)) => (classes.max(1), 0),
        Some(Targets::Numbers(numbers)) => (0, numbers.max(1)),
        // Any other kind is read as numbers are.
        Some(_) => (0, 1),
        None => (0, 0),
    };
    format!(
        "{{{}ul, {}ul, {}ul, {}ul, {}, {classes}ul, {numbers}ul, {}ul, {}}}",
        job.steps,
        count(job.batch_size),
        count(job.examples),
        count(job.parameters),
        size(job.input_scale),
        count(job.layers),
        size(job.fan_in)
    )
}

fn head(controller: &Controller) -> String {
    let provenance = controller.provenance();
    let text = |text: &str| text.replace("*/", "* /").replace("/*", "/ *");
    format!(
        "/* A controller of Descender {}, trained on {} by {} (seed {}), for {}.\n *\n{USE} */\n\n",
        text(&provenance.program_version),
        text(&provenance.task),
        text(&provenance.agent),
        provenance.seed,
        controller.method().name(),
    )
}

const USE: &str = " * C99, nothing but <math.h>, nothing allocated. For each training:
 *
 *     descender_state state;
 *     descender_job job = {.steps = 2000, .batch_size = 64, .examples = 60000};   // 0: not known
 *     descender_start(&state, &job);
 *     for (...) {
 *         // one step of the optimizer with state.mu
 *         if (descender_wants_probe(&state))               // never for many controllers
 *             descender_probe(&state, mean loss of so many examples that are not learned);
 *         descender_step(&state, loss of the batch);        // state.mu is that of the next step
 *     }
 *
 * The safety net is not in it: a loss that is not finite puts the learning rate at its lower bound until the next decision.
";

const TYPES: &str = "typedef struct {
    unsigned long steps;      /* of the whole training; 0: the job that the controller was made with */
    unsigned long batch_size, examples, parameters; /* 0: not known */
    float input_scale;        /* root mean square of the inputs; 0: not known */
    unsigned long classes;    /* to choose from; 0: numbers are predicted, or not known */
    unsigned long numbers;    /* predicted; 0: classes are predicted, or not known */
    unsigned long layers;     /* weight arrays of the network; 0: not known */
    float fan_in;             /* geometric mean of the inputs of their units; 0: not known */
} descender_job;

/* Of h(mu): the learning rate, P <- a1 P + a2 g^2 + a3, Q <- b1 Q + b2 g + b3, c of averaging, w on the weight decay. */
typedef struct {
    float learning_rate, a1, a2, a3, b1, b2, b3, c, w;
} descender_hyper_parameters;

typedef struct {
    int parameter, scale;
    float low, high;
} descender_dimension;

";

fn control(controller: &Controller, anchored: &Anchored) -> String {
    let control = controller.control();
    let schedule = match anchored.schedule {
        BaseSchedule::Constant => "1.0f + 0.0f * (x)",
        BaseSchedule::Linear => "1.0f - (x)",
        BaseSchedule::Cosine => "(1.0f + cosf(3.14159265358979f * (x))) / 2.0f",
    };
    let dimensions: Vec<String> = anchored.dimensions.iter().map(dimension).collect();
    let HyperParameters {
        learning_rate,
        a1,
        a2,
        a3,
        b1,
        b2,
        b3,
        c,
        w,
    } = controller
        .method()
        .hyper_parameters(control.initial_learning_rate);
    format!(
        "#define DESCENDER_DECISIONS {}ul\n#define DESCENDER_INTERVAL {}ul\n#define DESCENDER_TOTAL_STEPS {}\n\
         #define DESCENDER_WARM_UP {}\n#define DESCENDER_SCHEDULE(x) ({schedule})\n\
         #define DESCENDER_LOWER {}\n#define DESCENDER_UPPER {}\n#define DESCENDER_DIMENSIONS {}\n\
         static const descender_dimension descender_dimensions[DESCENDER_DIMENSIONS] = {{{}}};\n\
         static const descender_hyper_parameters descender_initial = {{{}}};\n\n{STATE}",
        control.decisions,
        control.interval,
        number(anchored.total_steps),
        number(anchored.warm_up),
        number(control.bounds.lower),
        number(control.bounds.upper),
        dimensions.len(),
        dimensions.join(", "),
        list(&[learning_rate, a1, a2, a3, b1, b2, b3, c, w]),
    )
}

const STATE: &str = "typedef struct {
    descender_job job;
    descender_hyper_parameters mu; /* of the next step */
    unsigned long steps, decisions, interval;
    float total, paced;
    int decided;
    float action[DESCENDER_DIMENSIONS];
#if DESCENDER_JOB
    double sum;
    unsigned long count;
    int probed, loss_begun, probe_begun;
    float probe, losses[3], probes[3], readings[15];
#else
    float fast[2], slow[2];
#endif
} descender_state;

/* Begins a training. A controller that is made for trainings of one length keeps its own job, whatever this one is. */
void descender_start(descender_state *state, const descender_job *job);
/* How many examples that are not learned the controller wants the mean loss of, before the step that was just made is told; 0: none. */
unsigned long descender_wants_probe(const descender_state *state);
void descender_probe(descender_state *state, float loss);
/* Takes in the loss of a step that was made with state->mu, and returns that of the next step. */
const descender_hyper_parameters *descender_step(descender_state *state, float loss);

";

fn dimension(dimension: &Dimension) -> String {
    let parameter = match dimension.parameter {
        Parameter::LearningRate => 0,
        Parameter::Momentum => 1,
        Parameter::SecondMoment => 2,
        Parameter::A1 => 3,
        Parameter::A2 => 4,
        Parameter::A3 => 5,
        Parameter::B1 => 6,
        Parameter::B2 => 7,
        Parameter::B3 => 8,
        Parameter::Averaging => 9,
        Parameter::WeightDecay => 10,
    };
    let scale = match dimension.scale {
        Scale::Linear => 0,
        Scale::Logarithmic => 1,
        Scale::Complement => 2,
    };
    let (low, high) = (number(dimension.low), number(dimension.high));
    format!("{{{parameter}, {scale}, {low}, {high}}}")
}

/// The weights, and the statements that go through the layers.
fn policy(layers: &[PlainLayer<'_>], features: usize) -> String {
    let (mut code, mut steps, mut width) = (String::new(), String::new(), features);
    for (place, layer) in layers.iter().enumerate() {
        match layer {
            PlainLayer::Linear {
                inputs,
                outputs,
                weight,
                bias,
            } => {
                let _ = writeln!(
                    code,
                    "static const float descender_weight_{place}[{}] = {{{}}};\n\
                     static const float descender_bias_{place}[{outputs}] = {{{}}};",
                    weight.len(),
                    list(weight),
                    list(bias)
                );
                let _ = write!(
                    steps,
                    " \\\n    descender_linear(values[now], {inputs}, values[1 - now], {outputs}, descender_weight_{place}, descender_bias_{place}); now = 1 - now;"
                );
                width = width.max(*outputs);
            }
            PlainLayer::Relu | PlainLayer::Tanh => {
                let function = match layer {
                    PlainLayer::Relu => "values[now][i] > 0.0f ? values[now][i] : 0.0f",
                    _ => "tanhf(values[now][i])",
                };
                let _ = write!(
                    steps,
                    " \\\n    for (i = 0; i < {}; i++) values[now][i] = {function};",
                    before(layers, place, features)
                );
            }
        }
    }
    format!(
        "#define DESCENDER_FEATURES {features}\n#define DESCENDER_WIDTH {width}\n{code}\n{LINEAR}#define DESCENDER_LAYERS{steps}\n\n"
    )
}

/// The number of values that come to a layer.
fn before(layers: &[PlainLayer<'_>], place: usize, features: usize) -> usize {
    let outputs = layers[..place].iter().rev().find_map(|layer| match layer {
        PlainLayer::Linear { outputs, .. } => Some(*outputs),
        _ => None,
    });
    outputs.unwrap_or(features)
}

const LINEAR: &str = "static void descender_linear(const float *x, int inputs, float *y, int outputs, const float *weight, const float *bias)
{
    int i, o;
    for (o = 0; o < outputs; o++) {
        float sum = bias[o];
        for (i = 0; i < inputs; i++)
            sum += x[i] * weight[i * outputs + o];
        y[o] = sum;
    }
}

";

/// A number as C reads it, with the bits of the float.
fn number(value: f32) -> String {
    format!("{value:e}f")
}

fn list(values: &[f32]) -> String {
    let numbers: Vec<String> = values.iter().map(|value| number(*value)).collect();
    numbers.join(", ")
}
