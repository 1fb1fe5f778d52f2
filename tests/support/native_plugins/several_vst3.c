/* A VST3 module of small plugins, written against the binary interface alone. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
typedef char TUID[16];
typedef struct { int32_t type, direction, channels; char16_t name[128]; int32_t kind; uint32_t flags; } BusInfo;
typedef struct { int32_t channels; uint64_t silence; float **samples; } Buffers;
typedef struct Queue { struct QueueTable {
    int32_t (*query)(void *, const char *, void **); uint32_t (*add)(void *); uint32_t (*release)(void *);
    uint32_t (*id)(void *); int32_t (*count)(void *);
    int32_t (*point)(void *, int32_t, int32_t *, double *); } *table; } Queue;
typedef struct Changes { struct ChangesTable {
    int32_t (*query)(void *, const char *, void **); uint32_t (*add)(void *); uint32_t (*release)(void *);
    int32_t (*count)(void *); Queue *(*data)(void *, int32_t); } *table; } Changes;
typedef struct { int32_t mode, size, samples, ins, outs; Buffers *in, *out; Changes *changes; } Data;
typedef struct Stream { struct StreamTable {
    int32_t (*query)(void *, const char *, void **); uint32_t (*add)(void *); uint32_t (*release)(void *);
    int32_t (*read)(void *, void *, int32_t, int32_t *);
    int32_t (*write)(void *, void *, int32_t, int32_t *); } *table; } Stream;
typedef struct { uint32_t id; char16_t title[128], brief[128], units[128]; int32_t steps;
    double initial; int32_t unit, flags; } ParameterInfo;
enum { GAIN, WIDE, TONE, UNSETTLED, DUCKER, KINDS };
static const char *names[] = {"Gain", "Wide", "Tone", "Unsettled", "Ducker"};
typedef struct { void *component, *processor, *controller; int kind, refs; double values[4]; int sent[4]; } Plugin;
static Plugin *whole(void *face, int at) { return (Plugin *)((char *)face - at * sizeof(void *)); }
static int parameters(Plugin *p) { return p->kind == GAIN ? 4 : 2; }
static double initial(int id) { return id == 3 ? 0.0 : 0.5; }
#define IID(name, a, b, c, d) static const unsigned char name[16] = { \
    a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255, b >> 24, (b >> 16) & 255, (b >> 8) & 255, b & 255, \
    c >> 24, (c >> 16) & 255, (c >> 8) & 255, c & 255, d >> 24, (d >> 16) & 255, (d >> 8) & 255, d & 255};
IID(unknown_iid, 0x00000000u, 0x00000000u, 0xC0000000u, 0x00000046u)
IID(base_iid, 0x22888DDBu, 0x156E45AEu, 0x8358B348u, 0x08190625u)
IID(component_iid, 0xE831FF31u, 0xF2D54301u, 0x928EBBEEu, 0x25697802u)
IID(processor_iid, 0x42043F99u, 0xB7DA453Cu, 0xA569E79Du, 0x9AAEC33Du)
IID(controller_iid, 0xDCD7BBE3u, 0x7742448Du, 0xA874AACCu, 0x979C759Eu)
IID(factory_iid, 0x7A4D811Cu, 0x52114A1Fu, 0xAED9D2EEu, 0x0B43BF9Fu)
static int same(const char *a, const unsigned char *b) { return !memcmp(a, b, 16); }

static int32_t query(Plugin *p, const char *iid, void **out) {
    *out = 0;
    if (same(iid, unknown_iid) || same(iid, base_iid) || same(iid, component_iid)) *out = &p->component;
    if (same(iid, processor_iid)) *out = &p->processor;
    if (same(iid, controller_iid)) *out = &p->controller;
    if (*out) p->refs++;
    return *out ? 0 : -1;
}
static uint32_t release(Plugin *p) { if (--p->refs) return p->refs; free(p); return 0; }
#define FACE(at) \
    static int32_t query##at(void *f, const char *iid, void **out) { return query(whole(f, at), iid, out); } \
    static uint32_t add##at(void *f) { return ++whole(f, at)->refs; } \
    static uint32_t release##at(void *f) { return release(whole(f, at)); }
FACE(0) FACE(1) FACE(2)
static int32_t ok() { return 0; }
static int32_t refused() { return 3; }
static int32_t bus_count(void *f, int32_t type, int32_t direction) {
    Plugin *p = whole(f, 0);
    if (type) return 0;
    if (direction == 0) return p->kind == TONE ? 0 : p->kind == DUCKER ? 2 : 1;
    return 1;
}
static int channels(Plugin *p, int direction, int index) {
    return direction == 0 && (p->kind == WIDE || index == 1) ? 1 : 2;
}
static int32_t bus_info(void *f, int32_t type, int32_t direction, int32_t index, BusInfo *out) {
    if (index >= bus_count(f, type, direction)) return 2;
    memset(out, 0, sizeof *out);
    out->type = type; out->direction = direction; out->channels = channels(whole(f, 0), direction, index);
    memcpy(out->name, index ? u"Key" : u"Main", index ? 8 : 10);
    out->kind = index; out->flags = index == 0;
    return 0;
}
static int32_t set_state(void *f, Stream *s) {
    Plugin *p = whole(f, 0); int32_t got = 0; double values[4];
    if (s->table->read(s, values, sizeof values, &got) || got != sizeof values) return 1;
    memcpy(p->values, values, sizeof values);
    return 0;
}
static int32_t get_state(void *f, Stream *s) {
    return s->table->write(s, whole(f, 0)->values, sizeof whole(f, 0)->values, 0);
}
static uint64_t arrangement(int count) { return count == 1 ? 1ull << 19 : 3; }
static int32_t set_buses(void *f, uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) {
    Plugin *p = whole(f, 1);
    if (ins != bus_count(p, 0, 0) || outs != 1) return 1;
    for (int i = 0; i < ins; i++) if (in[i] != arrangement(channels(p, 0, i))) return 1;
    return out[0] == 3 ? 0 : 1;
}
static int32_t get_bus(void *f, int32_t direction, int32_t index, uint64_t *out) {
    *out = arrangement(channels(whole(f, 1), direction, index));
    return 0;
}
static int32_t is_float(void *f, int32_t size) { return size == 0 ? 0 : 1; }
static uint32_t none() { return 0; }
static void receive(Plugin *p, Changes *changes) {
    for (int i = 0; changes && i < changes->table->count(changes); i++) {
        Queue *queue = changes->table->data(changes, i); int32_t offset; double value;
        int32_t last = queue->table->count(queue) - 1; uint32_t id = queue->table->id(queue);
        if (last < 0 || id > 3 || queue->table->point(queue, last, &offset, &value)) continue;
        p->values[id] = value; p->sent[id] = 1;
    }
}
static int32_t process(void *f, Data *d) {
    Plugin *p = whole(f, 1);
    receive(p, d->changes);
    if (!d->samples || !d->outs) return 0;
    float settled = p->kind != UNSETTLED || (p->sent[0] && p->sent[1]) ? 1.0f : 0.5f;
    for (int side = 1; side >= 0; side--) { /* a host may give one buffer for in and out */
        float *out = d->out[0].samples[side];
        float *in = p->kind == TONE ? 0 : d->in[0].samples[p->kind == WIDE ? 0 : side];
        float gain = 2.0f * p->values[p->kind == GAIN ? side : 0] * settled;
        if (p->kind == GAIN && p->values[3] > 0.5) gain = 0;
        if (p->kind == WIDE && side) gain *= 0.5f;
        float *key = p->kind == DUCKER && d->ins > 1 && d->in[1].channels ? d->in[1].samples[0] : 0;
        for (int i = 0; i < d->samples; i++)
            out[i] = in ? in[i] * gain * (key ? 1.0f - (key[i] < 0 ? -key[i] : key[i]) : 1.0f) : 0.25f;
    }
    d->out[0].silence = 0;
    return 0;
}
static int32_t count(void *f) { return parameters(whole(f, 2)); }
static int32_t info(void *f, int32_t at, ParameterInfo *out) {
    static const char16_t *titles[] = {u"Gain", u"Gain", u"Gr\u00f6\u00dfe", u"Mute"};
    static const char16_t *others[] = {u"Level", u"Spare"};
    Plugin *p = whole(f, 2);
    memset(out, 0, sizeof *out);
    const char16_t *title = p->kind == GAIN ? titles[at] : others[at];
    for (int i = 0; title[i]; i++) out->title[i] = out->brief[i] = title[i];
    out->id = at; out->initial = initial(at); out->steps = at == 3; out->flags = 1;
    return 0;
}
static int32_t to_text(void *f, uint32_t id, double value, char16_t *out) {
    char text[32];
    if (id == 3) snprintf(text, sizeof text, value > 0.5 ? "On" : "Off");
    else snprintf(text, sizeof text, "%.3f", 2 * value);
    for (int i = 0; (out[i] = (unsigned char)text[i]); i++) {}
    return 0;
}
static int32_t from_text(void *f, uint32_t id, char16_t *text, double *out) {
    char plain[64]; int i = 0;
    for (; text[i] && i < 63; i++) plain[i] = (char)text[i];
    plain[i] = 0;
    if (id == 3) { *out = plain[0] == 'O' && plain[1] == 'n'; return 0; }
    *out = atof(plain) / 2;
    return 0;
}
static double as_it_is(void *f, uint32_t id, double value) { return value; }
static double get_value(void *f, uint32_t id) { return id < 4 ? whole(f, 2)->values[id] : 0; }
static int32_t set_value(void *f, uint32_t id, double value) {
    if (id < 4) whole(f, 2)->values[id] = value;
    return 0;
}
static void *no_view(void *f, const char *name) { return 0; }
static int32_t class_of(void *f, char *out) { memset(out, 0, 16); return 3; }
static void *component_table[] = {query0, add0, release0, ok, ok, class_of, ok, bus_count, bus_info,
    refused, ok, ok, set_state, get_state};
static void *processor_table[] = {query1, add1, release1, set_buses, get_bus, is_float, none, ok, ok,
    process, none};
static void *controller_table[] = {query2, add2, release2, ok, ok, ok, ok, ok, count, info, to_text,
    from_text, as_it_is, as_it_is, get_value, set_value, ok, no_view};

static int32_t factory_query(void *f, const char *iid, void **out) {
    *out = same(iid, unknown_iid) || same(iid, factory_iid) ? f : 0;
    return *out ? 0 : -1;
}
static uint32_t one() { return 1; }
static int32_t factory_info(void *f, char *out) { memset(out, 0, 452); strcpy(out, "restorack"); return 0; }
static int32_t classes(void *f) { return COUNT; }
static int32_t class_info(void *f, int32_t at, char *out) {
    memset(out, 0, 116);
    memcpy(out, "restorack-test-", 15); out[15] = 'a' + FIRST + at;
    int32_t many = 0x7FFFFFFF; memcpy(out + 16, &many, 4);
    strcpy(out + 20, "Audio Module Class"); strcpy(out + 52, names[FIRST + at]);
    return 0;
}
static int32_t create(void *f, const char *cid, const char *iid, void **out) {
    Plugin *p = calloc(1, sizeof *p);
    p->component = component_table; p->processor = processor_table; p->controller = controller_table;
    p->kind = cid[15] - 'a';
    for (int i = 0; i < 4; i++) p->values[i] = initial(i);
    return query(p, iid, out);
}
static void *factory_table[] = {factory_query, one, one, factory_info, classes, class_info, create};
static void *factory = factory_table;
int ModuleEntry(void *handle) { return 1; }
int ModuleExit(void) { return 1; }
void *GetPluginFactory(void) { return &factory; }
