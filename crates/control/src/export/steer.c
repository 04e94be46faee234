/* What follows is the same for every controller. The definitions above say which. */

#include <float.h>
#include <math.h>
#include <string.h>

static float descender_clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/* A loss in [1e-6, 1e4]; 1e4 if it is not a number. */
static float descender_finite(float loss)
{
    return isnan(loss) ? 1e4f : descender_clamp(loss, 1e-6f, 1e4f);
}

#if DESCENDER_POINTS
/* Weights of six points of time at this share of the job: 1 at a point, 0 at its neighbours and beyond, linear between. */
static void descender_interpolate(float share, float *weights)
{
    static const float points[6] = {0.0f, 0.04f, 0.12f, 0.28f, 0.6f, 1.0f};
    int next = 0, i;
    for (i = 0; i < 6; i++)
        weights[i] = 0.0f;
    while (next < 6 && !(share < points[next]))
        next++;
    if (next == 6) {
        weights[5] = 1.0f;
    } else if (next == 0) {
        weights[0] = 1.0f;
    } else {
        float way = (share - points[next - 1]) / (points[next] - points[next - 1]);
        weights[next - 1] = 1.0f - way;
        weights[next] = way;
    }
}
#endif

#if DESCENDER_JOB

/* A reading on the scale of the training, cut at 2.5 spreads. */
static float descender_standard(int reading, float value)
{
    float standard = (value - descender_centre[reading]) / descender_spread[reading];
    return isnan(standard) ? 0.0f : descender_clamp(standard, -2.5f, 2.5f);
}

/* A reading of the job, as far as it is known, taken into the range of the training. */
static void descender_read(descender_state *state, int reading, int known, float value)
{
    value = descender_clamp(value, descender_least[reading], descender_most[reading]);
    state->readings[reading] = known ? descender_standard(reading, value) : 0.0f;
}

static void descender_observe_start(descender_state *state)
{
    const descender_job *job = &state->job;
    int known = job->classes > 0 || job->numbers > 0, i, j;
    float square = 0.0f;
    memset(state->readings, 0, sizeof state->readings);
    descender_read(state, 0, job->steps > 0, logf((float)job->steps));
    descender_read(state, 1, job->batch_size > 0, logf((float)job->batch_size));
    descender_read(state, 2, job->examples > 0, logf((float)job->examples));
    descender_read(state, 3, job->parameters > 0, logf((float)job->parameters));
    descender_read(state, 4, job->input_scale > 0.0f, logf(job->input_scale));
    descender_read(state, 5, known, job->classes > 0 ? logf((float)job->classes) : 0.0f);
    descender_read(state, 6, known, job->classes > 0 ? 0.0f : 1.0f);
    descender_read(state, 7, job->layers > 0, logf((float)job->layers));
    descender_read(state, 8, job->fan_in > 0.0f, logf(job->fan_in));
    for (i = 0; i < 9; i++) {
        float product = 0.0f;
        for (j = 0; j < 9; j++)
            product += descender_precision[i][j] * state->readings[j];
        square += state->readings[i] * product;
    }
    if (square > DESCENDER_REACH * DESCENDER_REACH)
        for (i = 0; i < 9; i++)
            state->readings[i] *= DESCENDER_REACH / sqrtf(square);
}

static void descender_observe_loss(descender_state *state, float loss)
{
    state->sum += (double)descender_finite(loss);
    state->count++;
}

/* first, least and running mean of a row of logarithms */
static void descender_note(float *history, int *begun, float value, float share)
{
    if (!*begun) {
        history[0] = history[1] = history[2] = value;
        *begun = 1;
        return;
    }
    if (value < history[1])
        history[1] = value;
    history[2] = (1.0f - share) * history[2] + share * value;
}

/* The readings of how it goes are of the decision before. */
static void descender_observe_action(descender_state *state)
{
    float loss, first, mean;
    state->decisions++;
    if (state->count == 0)
        return;
    loss = (float)log(state->sum / (double)state->count);
    first = state->loss_begun ? state->losses[0] : loss;
    mean = state->loss_begun ? state->losses[2] : loss;
    state->readings[9] = descender_standard(9, loss - first);
    state->readings[10] = descender_standard(10, loss - mean);
    descender_note(state->losses, &state->loss_begun, loss, 0.2f);
    state->sum = 0.0;
    state->count = 0;
    if (state->probed) {
        float probe = state->probe, least;
        first = state->probe_begun ? state->probes[0] : probe;
        least = state->probe_begun && state->probes[1] < probe ? state->probes[1] : probe;
        mean = state->probe_begun ? state->probes[2] : probe;
        state->readings[11] = descender_standard(11, probe - loss);
        state->readings[12] = descender_standard(12, probe - mean);
        state->readings[13] = descender_standard(13, probe - least);
        state->readings[14] = descender_standard(14, probe - first);
        descender_note(state->probes, &state->probe_begun, probe, 0.3f);
        state->probed = 0;
    }
}

static void descender_observe(const descender_state *state, float *features)
{
    float weights[6];
    int point, i, j;
    descender_interpolate((float)state->steps / state->paced, weights);
    for (point = 0; point < 6; point++) {
        *features++ = weights[point];
        for (i = 0; i < 15; i++)
            *features++ = weights[point] * state->readings[i];
        for (i = 0; i < 9; i++)
            for (j = i; j < 9; j++)
                *features++ = weights[point] * (state->readings[i] * state->readings[j]);
    }
}

#else

static float descender_average(const float *average)
{
    return average[1] > 0.0f ? descender_finite(average[0] / average[1]) : 1.0f;
}

static void descender_follow_loss(float *average, float decay, float loss)
{
    average[0] = decay * average[0] + (1.0f - decay) * loss;
    average[1] = decay * average[1] + (1.0f - decay);
}

static void descender_observe_start(descender_state *state)
{
    memset(state->fast, 0, sizeof state->fast);
    memset(state->slow, 0, sizeof state->slow);
}

static void descender_observe_loss(descender_state *state, float loss)
{
    loss = descender_finite(loss);
    descender_follow_loss(state->fast, 1.0f - 1.0f / DESCENDER_FAST_WINDOW, loss);
    descender_follow_loss(state->slow, 1.0f - 1.0f / DESCENDER_SLOW_WINDOW, loss);
}

static void descender_observe_action(descender_state *state)
{
    (void)state;
}

static void descender_observe(const descender_state *state, float *features)
{
    float slow = descender_average(state->slow), fast = descender_average(state->fast);
    float level = descender_clamp(logf(slow) / 2.0f, -10.0f, 10.0f);
    float trend = descender_clamp(logf(fast / slow), -10.0f, 10.0f);
#if DESCENDER_POINTS
    descender_interpolate((float)state->steps / state->paced, features);
    features[6] = level;
    features[7] = trend;
#else
    float time = log1pf((float)state->steps) / log1pf(state->paced);
    features[0] = level;
    features[1] = trend;
    features[2] = descender_clamp(time, -10.0f, 10.0f);
    features[3] = descender_clamp((float)state->steps / state->paced, -10.0f, 10.0f);
#endif
}

#endif

/* The policy: features to numbers in [-1, 1]. */
static void descender_act(const float *features, float *action)
{
    float values[2][DESCENDER_WIDTH];
    int i, now = 0;
    for (i = 0; i < DESCENDER_FEATURES; i++)
        values[0][i] = features[i];
    DESCENDER_LAYERS
    for (i = 0; i < DESCENDER_DIMENSIONS; i++)
        action[i] = tanhf(values[now][i]);
}

/* Places the hyper-parameters as the last decision says, at this step. */
static void descender_place(descender_state *state)
{
    int i;
    float total = state->total;
    float share = descender_clamp((float)state->steps / total, 0.0f, 1.0f);
    float warm = DESCENDER_WARM_UP * total, factor;
    factor = DESCENDER_SCHEDULE(share);
    if (warm > 0.0f) {
        float rise = ((float)state->steps + 1.0f) / warm;
        factor *= rise < 1.0f ? rise : 1.0f;
    }
    for (i = 0; i < DESCENDER_DIMENSIONS; i++) {
        const descender_dimension *d = &descender_dimensions[i];
        float u = (1.0f + descender_clamp(state->action[i], -1.0f, 1.0f)) / 2.0f, x;
        descender_hyper_parameters *mu = &state->mu;
        switch (d->scale) {
        case 0: x = d->low + (d->high - d->low) * u; break;
        case 1: x = d->low * powf(d->high / d->low, u); break;
        default: x = 1.0f - (1.0f - d->low) * powf((1.0f - d->high) / (1.0f - d->low), u); break;
        }
        switch (d->parameter) {
        case 0: mu->learning_rate = x * factor; break;
        case 1: mu->b1 = x; mu->b2 = 1.0f - x; break;
        case 2: mu->a1 = x; mu->a2 = 1.0f - x; break;
        case 3: mu->a1 = x; break;
        case 4: mu->a2 = x; break;
        case 5: mu->a3 = x; break;
        case 6: mu->b1 = x; break;
        case 7: mu->b2 = x; break;
        case 8: mu->b3 = x; break;
        case 9: mu->c = x; break;
        default: mu->w = x; break;
        }
    }
    state->mu.learning_rate = descender_clamp(state->mu.learning_rate, DESCENDER_LOWER, DESCENDER_UPPER);
}

void descender_start(descender_state *state, const descender_job *job)
{
    memset(state, 0, sizeof *state);
    state->job = descender_own_job;
    state->interval = DESCENDER_INTERVAL;
    state->total = DESCENDER_TOTAL_STEPS;
    state->paced = DESCENDER_PACE;
#if DESCENDER_DECISIONS
    if (job->steps > 0) {
        state->job = *job;
        state->interval = (job->steps - 1) / DESCENDER_DECISIONS + 1;
        state->total = state->paced = (float)job->steps;
    }
#else
    (void)job;
#endif
    if (state->interval == 0)
        state->interval = 1;
    state->mu = descender_initial;
    descender_place(state);
    descender_observe_start(state);
}

unsigned long descender_wants_probe(const descender_state *state)
{
#if DESCENDER_PROBE_EVERY
    unsigned long most = 2 * state->job.batch_size;
    if (state->steps % state->interval != 0 || state->decisions % DESCENDER_PROBE_EVERY != 0)
        return 0;
    return most > 0 && most < DESCENDER_PROBE_EXAMPLES ? most : DESCENDER_PROBE_EXAMPLES;
#else
    (void)state;
    return 0;
#endif
}

void descender_probe(descender_state *state, float loss)
{
#if DESCENDER_JOB
    if (!isnan(loss)) {
        state->probe = logf(descender_finite(loss));
        state->probed = 1;
    }
#else
    (void)state;
    (void)loss;
#endif
}

const descender_hyper_parameters *descender_step(descender_state *state, float loss)
{
    descender_observe_loss(state, loss);
    state->steps++;
    if (state->decided)
        descender_place(state);
    if (!(loss >= -FLT_MAX && loss <= FLT_MAX)) {
        state->mu.learning_rate = DESCENDER_LOWER;
        state->decided = 0;
        descender_observe_action(state);
    } else if ((state->steps - 1) % state->interval == 0) {
        float features[DESCENDER_FEATURES];
        descender_observe(state, features);
        descender_act(features, state->action);
        state->decided = 1;
        descender_place(state);
        descender_observe_action(state);
    }
    return &state->mu;
}
