"""A plugin that tries what no plugin should, as LV2 and as VST3, and says what it could do."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from native_plugins import lv2_bundle

URI = "urn:restorack-test:prying"

SOURCE = (
    r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint32_t mark = 0x600DF00D;

static int can_open(const char *path, int flags) {
    int file = open(path, flags, 0600);
    char byte;
    int done = file >= 0 && ((flags & O_WRONLY) ? write(file, "x", 1) : read(file, &byte, 1)) == 1;
    if (file >= 0) close(file);
    return done;
}
static int can_connect(int family, const void *address, socklen_t size, int type) {
    int link = socket(family, type, 0);
    if (link < 0) return 0;
    int done = type == SOCK_DGRAM ? sendto(link, "x", 1, 0, address, size) == 1
                                  : connect(link, address, size) == 0;
    close(link);
    return done;
}
static int can_call_out(int type) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, "127.0.0.1", &there.sin_addr);
    return can_connect(AF_INET, &there, sizeof there, type);
}
static int can_listen(void) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    int link = socket(AF_INET, SOCK_STREAM, 0);
    int done = link >= 0 && !bind(link, (void *)&here, sizeof here) && !listen(link, 1);
    if (link >= 0) close(link);
    return done;
}
static int can_reach_socket(const char *path, int nameless) {
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    strcpy(there.sun_path + nameless, path);
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + nameless + strlen(path);
    return can_connect(AF_UNIX, &there, size, SOCK_STREAM);
}
static int can_trace(pid_t parent) {
    if (ptrace(PTRACE_SEIZE, parent, 0, 0)) return 0;
    kill(parent, SIGSTOP);
    int status;
    waitpid(parent, &status, __WALL);
    ptrace(PTRACE_DETACH, parent, 0, 0);
    kill(parent, SIGCONT);
    return 1;
}
static int can_write_by_call(pid_t parent) {
    struct iovec ours = {(void *)&mark, 4}, theirs = {(void *)BY_CALL, 4};
    return process_vm_writev(parent, &ours, 1, &theirs, 1, 0) == 4;
}
static int can_write_by_file(pid_t parent) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", parent);
    int file = open(path, O_RDWR);
    int done = file >= 0 && pwrite(file, &mark, 4, BY_FILE) == 4;
    if (file >= 0) close(file);
    return done;
}
static int can_read_environment_of(pid_t parent) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", parent);
    return can_open(path, O_RDONLY);
}
static int can_fork(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    return child > 0 && waitpid(child, 0, 0) == child;
}
static int can_start_programs(void) {
    char said[8] = "";
    FILE *pipe = popen("echo hello", "r");
    if (!pipe) return 0;
    int done = fgets(said, sizeof said, pipe) && !strncmp(said, "hello", 5);
    pclose(pipe);
    return done;
}
static int can_shrink_memory(void) {
    char path[64], name[64];
    for (int file = 3; file < 64; file++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        ssize_t size = readlink(path, name, sizeof name - 1);
        if (size > 0 && (name[size] = 0, strstr(name, "memfd:restorack")))
            return ftruncate(file, 8192) == 0 && ftruncate(file, 0) == 0;
    }
    return 1;
}
static int can_lift_limits(void) {
    struct rlimit core = {1 << 20, 1 << 20};
    return setrlimit(RLIMIT_CORE, &core) == 0;
}
static int can_outlive(void) { return prctl(PR_SET_PDEATHSIG, 0) == 0; }
static int can_slow_down(pid_t parent) {
    return setpriority(PRIO_PROCESS, parent, getpriority(PRIO_PROCESS, parent)) == 0;
}
static int can_bound(pid_t parent) {
    struct rlimit same;
    return prlimit(parent, RLIMIT_CPU, 0, &same) == 0 && prlimit(parent, RLIMIT_CPU, &same, 0) == 0;
}
static int can_leave_namespace(void) {
    return syscall(SYS_unshare, 0x00000400 /* CLONE_FILES, harmless */) == 0;
}
static int can_use_ring(void) {
    char parameters[120] = {0};
    long ring = syscall(SYS_io_uring_setup, 1, parameters);
    if (ring >= 0) close(ring);
    return ring >= 0 || errno == EPERM;
}
static int can_use_keys(void) { return syscall(SYS_keyctl, 0, -3, 1, 0, 0) != -1; }
static void *nothing(void *x) { return x; }
static int can_start_threads(void) {
    pthread_t thread;
    return !pthread_create(&thread, 0, nothing, 0) && !pthread_join(thread, 0);
}
static void pry(void) {
    static int done;
    if (done++) return;
    char path[512];
    pid_t parent = getppid();
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/report", folder ? folder : ".");
    FILE *report = fopen(path, "w");
    if (!report) return;
#define TRY(name, expression) fprintf(report, "%s %d\n", name, (expression) ? 1 : 0); fflush(report)
    TRY("write in the private folder", 1);
    TRY("start threads", can_start_threads());
    TRY("read /usr", can_open("/usr/bin/env", O_RDONLY));
    TRY("read settings", can_open(HOME "/.config/vendor/licence", O_RDONLY));
    TRY("read secrets in settings", can_open(HOME "/.config/gh/hosts.yml", O_RDONLY));
    TRY("read keys", can_open(HOME "/.ssh/id_test", O_RDONLY));
    TRY("read documents", can_open(HOME "/letter.txt", O_RDONLY));
    TRY("write in the home folder", can_open(HOME "/touched", O_CREAT | O_WRONLY));
    TRY("truncate files", truncate(HOME "/letter.txt", 6) == 0);
    TRY("change marks", chmod(HOME "/letter.txt", 0644) == 0);
    TRY("write in /tmp", can_open(OUTSIDE, O_CREAT | O_WRONLY));
    TRY("read secrets of the environment", getenv("TEST_SECRET") != 0);
    TRY("read the parent's environment", can_read_environment_of(parent));
    TRY("read open files", read(SECRET_FILE, path, 1) == 1);
    TRY("connect by TCP", can_call_out(SOCK_STREAM));
    TRY("listen by TCP", can_listen());
    TRY("send by UDP", can_call_out(SOCK_DGRAM));
    TRY("connect to a local socket", can_reach_socket(SOCKET, 0));
    TRY("connect to a nameless socket", can_reach_socket(NAMELESS, 1));
    TRY("trace the parent", can_trace(parent));
    TRY("write into the parent by call", can_write_by_call(parent));
    TRY("write into the parent by file", can_write_by_file(parent));
    TRY("signal the parent", kill(parent, 0) == 0);
    TRY("slow the parent down", can_slow_down(parent));
    TRY("bound the parent", can_bound(parent));
    TRY("fork", can_fork());
    TRY("start programs", can_start_programs());
    TRY("outlive the parent", can_outlive());
    TRY("shrink shared memory", can_shrink_memory());
    TRY("lift limits", can_lift_limits());
    TRY("leave namespaces", can_leave_namespace());
    TRY("use io_uring", can_use_ring());
    TRY("use keys of the kernel", can_use_keys());
    fclose(report);
}

"""
    + lv2_bundle.DESCRIPTOR
    + """
typedef struct Wire { float *port[2]; } Wire;
static void *instantiate(const Descriptor *d, double rate, const char *b, const void *const *f) {
    pry();
    return calloc(1, sizeof(Wire));
}
static void connect_port(void *handle, uint32_t port, void *data) {
    ((Wire *)handle)->port[port] = data;
}
static void run(void *handle, uint32_t count) {
    Wire *wire = handle;
    memmove(wire->port[1], wire->port[0], count * sizeof(float));
}
static const Descriptor only = {"urn:restorack-test:prying", instantiate, connect_port, 0, run, 0,
                                free, 0};
const Descriptor *lv2_descriptor(uint32_t index) { return index ? 0 : &only; }

int ModuleEntry(void *handle) { return 1; }
int ModuleExit(void) { return 1; }
void *GetPluginFactory(void) { pry(); return 0; }
"""
)

MANIFEST = """
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:restorack-test:prying> a lv2:Plugin ; lv2:binary <prying.so> ; rdfs:seeAlso <prying.ttl> .
"""

DESCRIPTION = """
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
<urn:restorack-test:prying> a lv2:Plugin ; doap:name "Prying" ; lv2:port
  [ a lv2:AudioPort, lv2:InputPort ; lv2:index 0 ; lv2:symbol "in" ; lv2:name "In" ] ,
  [ a lv2:AudioPort, lv2:OutputPort ; lv2:index 1 ; lv2:symbol "out" ; lv2:name "Out" ] .
"""


@dataclass(frozen=True)
class Targets:
    """What the plugin goes for.

    Attributes
    ----------
    home, outside : Path
        A home folder; a file elsewhere.
    port, socket, nameless
        Where someone listens: TCP and UDP on the local machine, a local socket, one without a file.
    by_call, by_file : int
        Addresses in the parent's memory.
    secret_file : int
        A descriptor that the parent lets processes inherit.
    """

    home: Path
    outside: Path
    port: int
    socket: Path
    nameless: str
    by_call: int
    by_file: int
    secret_file: int

    def macros(self) -> list[str]:
        """Return them as the compiler's options."""
        values = {
            "HOME": f'"{self.home}"', "OUTSIDE": f'"{self.outside}"', "PORT": self.port,
            "SOCKET": f'"{self.socket}"', "NAMELESS": f'"{self.nameless}"',
            "BY_CALL": hex(self.by_call), "BY_FILE": hex(self.by_file),
            "SECRET_FILE": self.secret_file,
        }  # fmt: skip
        return [f"-D{name}={value}" for name, value in values.items()]


def _compile(library: Path, targets: Targets) -> None:
    library.parent.mkdir(parents=True)
    source = library.with_suffix(".c")
    source.write_text(SOURCE)
    command = ["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-lpthread"]
    subprocess.run([*command, *targets.macros()], check=True, capture_output=True)


def install_lv2(home: Path, targets: Targets) -> None:
    """Build it into a home folder's ``.lv2``."""
    bundle = home / ".lv2" / "prying.lv2"
    _compile(bundle / "prying.so", targets)
    (bundle / "manifest.ttl").write_text(MANIFEST)
    (bundle / "prying.ttl").write_text(DESCRIPTION)


def build_vst3(folder: Path, targets: Targets) -> Path:
    """Build ``Prying.vst3``, which tries everything when it is loaded, and is no plugin."""
    bundle = folder / "Prying.vst3"
    _compile(bundle / "Contents" / "x86_64-linux" / "Prying.so", targets)
    return bundle
