/* A CLAP file of small effects, written against the binary interface alone: a gain with a
   switch, a list and a latency; a splitter of one input into two bands; one with a side-chain. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct { uint32_t major, minor, revision; } Version;
typedef struct { Version version; const char *id, *name, *vendor, *url, *manual, *support, *own, *about;
    const char *const *features; } Descriptor;
typedef struct { float **data32; double **data64; uint32_t channels, latency; uint64_t constant; } Buffer;
typedef struct { uint32_t size, time; uint16_t space, type; uint32_t flags; } Header;
typedef struct { Header header; uint32_t param; void *cookie; int32_t note; int16_t port, channel, key;
    double value; } ParamEvent;
typedef struct Events { void *ctx; uint32_t (*size)(const struct Events *);
    const Header *(*get)(const struct Events *, uint32_t); } Events;
typedef struct { int64_t steady; uint32_t frames; const void *transport; const Buffer *in; Buffer *out;
    uint32_t ins, outs; const Events *events; const void *pushed; } Process;
typedef struct Plugin { const Descriptor *descriptor; void *data; bool (*init)(const struct Plugin *);
    void (*destroy)(const struct Plugin *);
    bool (*activate)(const struct Plugin *, double, uint32_t, uint32_t);
    void (*deactivate)(const struct Plugin *); bool (*start)(const struct Plugin *);
    void (*stop)(const struct Plugin *); void (*reset)(const struct Plugin *);
    int32_t (*process)(const struct Plugin *, const Process *);
    const void *(*extension)(const struct Plugin *, const char *);
    void (*main_thread)(const struct Plugin *); } Plugin;
typedef struct { uint32_t id, flags; void *cookie; char name[256], module[1024];
    double low, high, initial; } Info;
typedef struct { uint32_t id; char name[256]; uint32_t flags, channels; const char *type; uint32_t pair; } Port;
typedef struct Stream { void *ctx; int64_t (*call)(const struct Stream *, void *, uint64_t); } Stream;
typedef struct Host { Version version; void *data; const char *name, *vendor, *url, *own;
    const void *(*extension)(const struct Host *, const char *); void (*restart)(const struct Host *),
    (*run)(const struct Host *), (*callback)(const struct Host *); } Host;
typedef struct { void (*changed)(const Host *); } Told;
enum { LATENCY = 37 }; enum { GAIN, SPLIT, DUCK };
typedef struct { const Host *host; bool called; int kind; double values[3]; float ring[2][LATENCY]; uint32_t at; } State;
static const char *none[] = {"audio-effect", 0};
static const Descriptor descriptors[] = {
    {{1, 2, 0}, "restorack.test.gain", "Test Gain", "restorack", "", "", "", "3.1", "", none},
    {{1, 2, 0}, "restorack.test.split", "Test Split", "restorack", "", "", "", "3.1", "", none},
    {{1, 2, 0}, "restorack.test.duck", "Test Duck", "restorack", "", "", "", "3.1", "", none}};
static State *of(const Plugin *p) { return p->data; }
static bool yes(const Plugin *p) { return true; }
static void nothing(const Plugin *p) {}
/* As many real ones do: without a look whether the host has the extension, and with no sound before
   the host has called back. */
static bool activate(const Plugin *p, double rate, uint32_t least, uint32_t most) {
    const Host *host = of(p)->host;
    ((const Told *)host->extension(host, "clap.latency"))->changed(host);
    host->callback(host);
    return rate > 0;
}
static void main_thread(const Plugin *p) { of(p)->called = true; }
static void reset(const Plugin *p) { memset(of(p)->ring, 0, sizeof of(p)->ring); of(p)->at = 0; }
static void destroy(const Plugin *p) { free(p->data); free((void *)p); }
static int32_t process(const Plugin *p, const Process *d) {
    State *s = of(p);
    for (uint32_t i = 0; i < d->events->size(d->events); i++) {
        const ParamEvent *e = (const ParamEvent *)d->events->get(d->events, i);
        if (e->header.space == 0 && e->header.type == 5) s->values[e->param - 100] = e->value;
    }
    float gain = s->values[1] > 0.5 || !s->called ? 0 : s->values[0] * (s->values[2] > 0.5 ? 0.5 : 1);
    for (uint32_t i = 0; i < d->frames; i++) {
        if (s->kind == DUCK) {
            float key = d->ins > 1 ? d->in[1].data32[0][i] : 0;
            for (int side = 0; side < 2; side++) d->out[0].data32[side][i] = d->in[0].data32[side][i] * (1 - key);
            continue;
        }
        if (s->kind == SPLIT) {
            float in = d->in[0].data32[0][i];
            d->out[0].data32[0][i] = 0.25f * in;
            d->out[0].data32[1][i] = 0.75f * in;
            continue;
        }
        for (int side = 0; side < 2; side++) {
            float late = s->ring[side][s->at];
            s->ring[side][s->at] = d->in[0].data32[side][i];
            d->out[0].data32[side][i] = late * gain;
        }
        s->at = (s->at + 1) % LATENCY;
    }
    return 1;
}
static uint32_t param_count(const Plugin *p) { return of(p)->kind == GAIN ? 3 : 0; }
static bool param_info(const Plugin *p, uint32_t at, Info *out) {
    static const char *names[] = {"Gain", "Mute", "Mode"};
    memset(out, 0, sizeof *out);
    out->id = 100 + at; out->flags = at ? 1 : 32;
    strcpy(out->name, names[at]);
    out->high = at ? 1 : 4; out->initial = at ? 0 : 1;
    return true;
}
static bool value(const Plugin *p, uint32_t id, double *out) { *out = of(p)->values[id - 100]; return true; }
static bool to_text(const Plugin *p, uint32_t id, double value, char *out, uint32_t size) {
    if (id == 101) snprintf(out, size, "%s", value > 0.5 ? "On" : "Off");
    else if (id == 102) snprintf(out, size, "%s", value > 0.5 ? "Soft" : "Loud");
    else snprintf(out, size, "%.2f x", value);
    return true;
}
static bool from_text(const Plugin *p, uint32_t id, const char *text, double *out) {
    *out = atof(text);
    return true;
}
static void flush(const Plugin *p, const Events *in, const void *out) {}
static bool save(const Plugin *p, const Stream *s) {
    return s->call(s, of(p)->values, sizeof of(p)->values) == sizeof of(p)->values;
}
static bool load(const Plugin *p, const Stream *s) {
    double got[3];
    if (s->call(s, got, sizeof got) != sizeof got) return false;
    memcpy(of(p)->values, got, sizeof got);
    return true;
}
static uint32_t latency(const Plugin *p) { return of(p)->kind == GAIN ? LATENCY : 0; }
static uint32_t port_count(const Plugin *p, bool input) { return input && of(p)->kind == DUCK ? 2 : 1; }
static bool port(const Plugin *p, uint32_t at, bool input, Port *out) {
    memset(out, 0, sizeof *out);
    out->flags = !at; out->channels = (of(p)->kind == SPLIT && input) || at ? 1 : 2;
    return true;
}
static const void *extension(const Plugin *p, const char *id) {
    static const struct { void *call[6]; } params = {
        {param_count, param_info, value, to_text, from_text, flush}};
    static const struct { void *call[2]; } state = {{save, load}}, ports = {{port_count, port}};
    static const struct { void *call[1]; } late = {{latency}};
    if (!strcmp(id, "clap.params")) return &params;
    if (!strcmp(id, "clap.state")) return &state;
    if (!strcmp(id, "clap.audio-ports")) return &ports;
    return strcmp(id, "clap.latency") ? 0 : &late;
}
static uint32_t count(const void *f) { return COUNT; }
static const Descriptor *descriptor(const void *f, uint32_t at) { return &descriptors[at]; }
static const Plugin *create(const void *f, const Host *host, const char *id) {
    State *s = calloc(1, sizeof *s);
    s->host = host;
    while (strcmp(id, descriptors[s->kind].id)) s->kind++;
    s->values[0] = 1;
    Plugin made = {&descriptors[s->kind], s, yes, destroy, activate, nothing, yes, nothing, reset,
        process, extension, main_thread};
    Plugin *p = malloc(sizeof *p);
    memcpy(p, &made, sizeof made);
    return p;
}
static const struct { void *call[3]; } factory = {{count, descriptor, create}};
static bool init(const char *path) { return true; }
static void deinit(void) {}
static const void *get_factory(const char *id) {
    return strcmp(id, "clap.plugin-factory") ? 0 : &factory;
}
const struct { Version version; bool (*init)(const char *); void (*deinit)(void);
    const void *(*get)(const char *); } clap_entry = {{1, 2, 0}, init, deinit, get_factory};
