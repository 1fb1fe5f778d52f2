/* Included by declick.c for each kind of processor: the clicks of a window at one time scale. */

/* A window at the detector's rate, and what is known of it. */
typedef struct {
    const rk_detector *d;
    const double *signal;
    size_t begin, end;      /* where clicks are looked for */
    size_t segments;
    double *models;         /* one for each segment, and one behind */
    double *scores, *lengths;
    double threshold;
    rk_click *clicks;
    const rk_features *features; /* NULL, or room for those of each click */
    size_t count, room;
    rk_arena arena;
} RK_NAME(search);

/* Robust deviations of blocks of errors, each then the larger side's: a click stands between two
   quiet sides; the noise of an attack goes on after it. work: block + 2 * count */
RK_TARGET static void RK_NAME(deviations)(const rk_detector *d, const double *errors, size_t count,
                                          double *out, double *work)
{
    const size_t block = (size_t)d->block, reach = RK_SIDE_BLOCKS;
    double *sorted = work, *own = work + block + reach;
    for (size_t j = 0; j < count; j++) {
        for (size_t i = 0; i < block; i++)
            sorted[i] = fabs(errors[j * block + i]);
        own[j] = rk_median(sorted, block) / 0.6745;
    }
    for (size_t j = 0; j < count; j++) {
        double here = sqrt(d->floor);
        if (j >= 3) {
            const size_t first = j > reach + 1 ? j - 1 - reach : 0;
            memcpy(sorted, own + first, (j - 1 - first) * sizeof(double));
            const double side = rk_median(sorted, j - 1 - first);
            here = side > here ? side : here;
        }
        if (j + 3 < count) {
            const size_t last = j + 2 + reach < count ? j + 2 + reach : count;
            memcpy(sorted, own + j + 2, (last - j - 2) * sizeof(double));
            const double side = rk_median(sorted, last - j - 2);
            here = side > here ? side : here;
        }
        out[j] = here;
    }
}

/* Score runs from begin on, under the models of their segments. 0, or RK_NO_MEMORY. */
RK_TARGET static int RK_NAME(scan)(RK_NAME(search) *s)
{
    const rk_detector *d = s->d;
    const size_t size = (size_t)d->segment, order = (size_t)d->order, block = (size_t)d->block;
    const size_t count = s->segments, frame = (size_t)d->estimator.count;
    const size_t first = s->begin - size, low = first + size / 2 - frame / 2;
    const size_t longest = (size_t)d->longest, errors_count = (count + 2) * size;
    rk_arena arena = s->arena;
    double *errors = rk_take(&arena, errors_count), *deviation = rk_take(&arena, errors_count);
    double *of_blocks = rk_take(&arena, errors_count / block + 1);
    const size_t for_scan = longest * (longest + 3) + 3 * size + 8 * order + 16;
    const size_t for_blocks = block + RK_SIDE_BLOCKS + errors_count / block;
    const size_t most = d->estimate_work > for_scan ? d->estimate_work : for_scan;
    double *work = rk_take(&arena, most > for_blocks ? most : for_blocks);
    if (work == NULL || of_blocks == NULL || deviation == NULL || errors == NULL)
        return RK_NO_MEMORY;
    double *models = s->models; /* a model more than is kept: of the segment before */
    for (size_t i = 0; i < count + 2; i++) {
        double *model = models + i * (order + 1);
        RK_NAME(estimate)(&d->estimator, s->signal + low + i * size, model, work);
        RK_NAME(residual)(s->signal + first + i * size, model, order, errors + i * size, size,
                          work);
    }
    const size_t blocks = errors_count / block;
    RK_NAME(deviations)(d, errors, blocks, of_blocks, work);
    for (size_t i = 0; i < errors_count; i++)
        deviation[i] = of_blocks[i / block < blocks ? i / block : blocks - 1];
    for (size_t i = 0; i < count; i++) {
        const double power = d->expected_power
                             * RK_NAME(mean_square)(s->signal + low + (i + 1) * size, frame);
        RK_NAME(scan_segment)(d, s->signal + s->begin + i * size, models + (i + 1) * (order + 1),
                              deviation + (i + 1) * size, power > 1e-9 ? power : 1e-9, size,
                              s->scores + i * (size / RK_STRIDE),
                              s->lengths + i * (size / RK_STRIDE), work);
    }
    return 0;
}

/* The model around a run, estimated anew with the run interpolated. 0, or RK_NO_MEMORY. */
RK_TARGET static int RK_NAME(model_without)(const RK_NAME(search) *s, const double *model,
                                            size_t start, size_t stop, double *made,
                                            rk_arena arena)
{
    const rk_detector *d = s->d;
    const size_t order = (size_t)d->order, frame = (size_t)d->estimator.count;
    const size_t low = (start + stop - frame) / 2 - order, count = stop - start;
    double *local = rk_take(&arena, frame + 2 * order), *taps = rk_take(&arena, 2 * order + 1);
    double *change = rk_take(&arena, count);
    const size_t solving = count * count + count + 2 * order + 1;
    double *work = rk_take(&arena, solving > d->estimate_work ? solving : d->estimate_work);
    if (local == NULL || taps == NULL || change == NULL || work == NULL)
        return RK_NO_MEMORY;
    memcpy(local, s->signal + low, (frame + 2 * order) * sizeof(double));
    double *gap = local + (start - low);
    memset(gap, 0, count * sizeof(double));
    RK_NAME(inverse_taps)(model, order, taps, work);
    RK_NAME(interpolation_error)(gap, taps, order, change, count, work);
    for (size_t i = 0; i < count; i++)
        gap[i] = -change[i];
    RK_NAME(estimate)(&d->estimator, local + order, made, work);
    return 0;
}

/* Give the strength of a run, and its features where they are wanted. 0, or RK_NO_MEMORY. */
RK_TARGET static int RK_NAME(weigh)(RK_NAME(search) *s, const double *model, const double *taps,
                                    size_t start, size_t count, double *strength, rk_arena arena)
{
    const rk_detector *d = s->d;
    const size_t order = (size_t)d->order, block = (size_t)d->block;
    const size_t half = RK_LEVEL_BLOCKS / 2 * block + RK_WAVE_LENGTH / 2;
    const size_t solving = count * count + count;
    const size_t beside = 2 * (count + 2 * (size_t)d->side + 4 * order) + order + 1;
    const size_t seen = 6 * (2 * half + 2 * order + 4) + order + 1 + 2 * RK_LEVEL_BLOCKS;
    size_t most = solving > beside ? solving : beside;
    most = seen > most ? seen : most;
    double *change = rk_take(&arena, count), *work = rk_take(&arena, most);
    if (change == NULL || work == NULL)
        return RK_NO_MEMORY;
    const double *x = s->signal + start;
    RK_NAME(interpolation_error)(x, taps, order, change, count, work);
    const double stands_out = RK_NAME(prominence)(d, x, model, taps, change, count, work);
    const double speaks = RK_NAME(contrast)(d, x, change, count);
    *strength = stands_out * speaks;
    if (s->features != NULL && *strength > s->threshold && s->count < s->room)
        RK_NAME(extract)(d, s->signal, model, start, start + count, change, stands_out, speaks,
                         &s->features[s->count], work);
    return 0;
}

/* Find the click that begins from `first` to `last`, under a model free of it, and which begins
   before `stop`: 1 with the click, whose features are filled, 0 where there is none, or an error. */
RK_TARGET static int RK_NAME(place)(RK_NAME(search) *s, const double *model, size_t first,
                                    size_t last, size_t stop, rk_click *click)
{
    const rk_detector *d = s->d;
    const size_t order = (size_t)d->order, longest = (size_t)d->longest;
    rk_arena arena = s->arena;
    double *free_model = rk_take(&arena, order + 1);
    double *work = rk_take(&arena, longest * (longest + 3) + 8 * order + 16 + (last - first)
                                       + 2 * (size_t)d->far_side);
    if (free_model == NULL || work == NULL)
        return RK_NO_MEMORY;
    const size_t by_hole = last + (size_t)d->hole, until = stop + 2 > by_hole ? stop + 2 : by_hole;
    if (RK_NAME(model_without)(s, model, first, until, free_model, arena) < 0)
        return RK_NO_MEMORY;
    const RK_NAME(placing) p =
        RK_NAME(prepare_placing)(d, s->signal + first, free_model, last - first, work);
    size_t start, count = RK_NAME(refine_run)(d, &p, last - first, d->penalty, &start);
    if (count > (size_t)d->limit)
        count = RK_NAME(refine_run)(d, &p, last - first, d->high_penalty, &start);
    if (count == 0 || count > (size_t)d->limit)
        return 0;
    double strength;
    if (RK_NAME(weigh)(s, free_model, p.taps, first + start, count, &strength, arena) < 0)
        return RK_NO_MEMORY;
    if (!(strength > s->threshold))
        return 0;
    *click = (rk_click){(int64_t)(first + start), (int64_t)(first + start + count), strength};
    return 1;
}

/* Whether a run stands out at all, under the model that it is in: 1, 0, or an error. */
RK_TARGET static int RK_NAME(is_prominent)(const RK_NAME(search) *s, const double *model,
                                           size_t start, size_t count)
{
    const rk_detector *d = s->d;
    const size_t order = (size_t)d->order, solving = count * count + count + 2 * order + 1;
    const size_t beside = 2 * (count + 2 * (size_t)d->side + 4 * order) + order + 1;
    rk_arena arena = s->arena;
    double *taps = rk_take(&arena, 2 * order + 1), *change = rk_take(&arena, count);
    double *work = rk_take(&arena, solving > beside ? solving : beside);
    if (taps == NULL || change == NULL || work == NULL)
        return RK_NO_MEMORY;
    RK_NAME(inverse_taps)(model, order, taps, work);
    RK_NAME(interpolation_error)(s->signal + start, taps, order, change, count, work);
    return !(RK_NAME(prominence)(d, s->signal + start, model, taps, change, count, work)
             < d->min_prominence);
}

/* Take a click that was found; RK_TOO_LARGE where there is no room. */
RK_TARGET static int RK_NAME(keep)(RK_NAME(search) *s, const rk_click *click)
{
    if (s->count >= s->room)
        return RK_TOO_LARGE;
    s->clicks[s->count++] = *click;
    return 0;
}

/* Place the best runs anew, best first. 0, or an error. */
RK_TARGET static int RK_NAME(choose)(RK_NAME(search) *s, double *order, double *taken)
{
    const rk_detector *d = s->d;
    const size_t size = (size_t)d->segment / RK_STRIDE, count = s->segments * size;
    const size_t slots = count + (size_t)d->longest / RK_STRIDE + 2, row = (size_t)d->order + 1;
    size_t found = 0;
    for (size_t i = 0; i < slots; i++)
        taken[i] = 0.0;
    for (size_t i = 0; i < count; i++)
        if (s->scores[i] >= d->min_score)
            order[found++] = (double)i;
    rk_sort_by(order, found, s->scores);
    for (size_t n = 0; n < found; n++) {
        const size_t i = (size_t)order[n], length = (size_t)s->lengths[i];
        const size_t until = i + (length + RK_STRIDE - 1) / RK_STRIDE;
        double any = 0.0;
        for (size_t j = i; j < until; j++)
            any += taken[j];
        if (any > 0.0)
            continue;
        for (size_t j = i; j < until; j++)
            taken[j] = 1.0;
        const size_t start = s->begin + i * RK_STRIDE, stop = start + length;
        const double *model = s->models + (i / size + 1) * row;
        const int prominent = RK_NAME(is_prominent)(s, model, start, length);
        rk_click click;
        const int placed = prominent <= 0
                               ? prominent
                               : RK_NAME(place)(s, model, start - (size_t)d->back,
                                                start + (size_t)d->ahead, stop, &click);
        if (placed < 0 || (placed && RK_NAME(keep)(s, &click) < 0))
            return placed < 0 ? placed : RK_TOO_LARGE;
        if (!placed)
            continue;
        const int64_t begin = (int64_t)s->begin;
        const size_t from = click.start > begin ? (size_t)(click.start - begin) / RK_STRIDE : 0;
        const size_t to = click.stop > begin
                              ? (size_t)(click.stop - begin + RK_STRIDE - 1) / RK_STRIDE
                              : 0;
        for (size_t j = from; j < to && j < slots; j++)
            taken[j] = 1.0;
    }
    return 0;
}

/* Add loud smooth clicks, which fill the models of their frames and hide there. 0, or an error. */
RK_TARGET static int RK_NAME(pops)(RK_NAME(search) *s)
{
    const rk_detector *d = s->d;
    const size_t block = (size_t)(d->side / 4), side = 4 * (size_t)d->side;
    const size_t row = (size_t)d->order + 1;
    if (block == 0)
        return 0;
    const size_t count = (s->end - s->begin) / block;
    rk_arena kept = s->arena;
    double *marks = rk_take(&s->arena, count);
    rk_arena arena = s->arena;
    double *work = rk_take(&arena, count * block + (size_t)d->longest + 2 * side + 1);
    if (marks == NULL || work == NULL)
        return RK_NO_MEMORY;
    RK_NAME(loud_runs)(d, s->signal + s->begin, block, side, marks, count, work);
    int failed = 0;
    for (size_t i = 0; i < count && !failed; i++) {
        if (marks[i] == 0.0)
            continue;
        const size_t at = s->begin + i * block;
        const double *model = s->models + ((at - s->begin) / (size_t)d->segment + 1) * row;
        rk_click click;
        const int placed = RK_NAME(place)(s, model, at - 2 * block, at + block, at + block, &click);
        int is_free = placed > 0;
        for (size_t j = 0; is_free && j < s->count; j++)
            is_free = click.stop <= s->clicks[j].start || s->clicks[j].stop <= click.start;
        failed = placed < 0 ? placed : is_free ? RK_NAME(keep)(s, &click) : 0;
    }
    s->arena = kept;
    return failed;
}

/* All of it at the detector's rate; clicks and features in the order in which they were found. */
RK_TARGET static int RK_NAME(detect)(const rk_detector *d, const double *signal, size_t begin,
                                     size_t end, double threshold, rk_click *clicks,
                                     const rk_features *features, size_t room, rk_arena arena)
{
    const size_t size = (size_t)d->segment, segments = (end - begin + size - 1) / size;
    const size_t scores = segments * (size / RK_STRIDE);
    RK_NAME(search) s = {.d = d, .signal = signal, .begin = begin, .end = end,
                         .segments = segments, .threshold = threshold, .clicks = clicks,
                         .features = features, .room = room, .arena = arena};
    s.models = rk_take(&s.arena, (segments + 2) * (size_t)(d->order + 1));
    s.scores = rk_take(&s.arena, scores);
    s.lengths = rk_take(&s.arena, scores);
    double *order = rk_take(&s.arena, scores);
    double *taken = rk_take(&s.arena, scores + (size_t)d->longest / RK_STRIDE + 2);
    if (taken == NULL || order == NULL || s.lengths == NULL || s.scores == NULL
        || s.models == NULL)
        return RK_NO_MEMORY;
    int failed = RK_NAME(scan)(&s);
    failed = failed ? failed : RK_NAME(choose)(&s, order, taken);
    failed = failed ? failed : RK_NAME(pops)(&s);
    return failed ? failed : (int)s.count;
}
