"""What a cage is there to refuse, one try a function."""

import ctypes
import errno
import fcntl
import mmap
import os
import resource
import socket
import subprocess
from pathlib import Path

from analytics_pipelines.foundation.cage import privileges, seccomp
from analytics_pipelines.foundation.cage.kernel import call
from analytics_pipelines_tests.foundation.cage.room import Room

PTRACE_SEIZE = 0x4206
NO_SUCH_CALL = 999


def reads_the_accounts(_: Room) -> None:
    Path("/etc/passwd").read_bytes()


def reads_its_environment(_: Room) -> None:
    Path("/proc/self/environ").read_bytes()


def reads_its_maps(_: Room) -> None:
    Path("/proc/self/maps").read_bytes()


def writes_its_memory(_: Room) -> None:
    os.open("/proc/self/mem", os.O_RDWR)


def reads_of_the_parent(_: Room) -> None:
    Path(f"/proc/{os.getppid()}/status").read_bytes()


def reads_elsewhere(room: Room) -> None:
    Path(room.elsewhere, "secret").read_bytes()


def lists_elsewhere(room: Room) -> None:
    list(Path(room.elsewhere).iterdir())


def climbs_out_of_its_folder(room: Room) -> None:
    Path(room.write + "/../elsewhere/secret").read_bytes()


def writes_elsewhere(room: Room) -> None:
    Path(room.elsewhere, "secret").write_bytes(b"x")


def makes_a_file_elsewhere(room: Room) -> None:
    Path(room.elsewhere, "new").touch()


def makes_a_folder_elsewhere(room: Room) -> None:
    Path(room.elsewhere, "new").mkdir()


def unlinks_elsewhere(room: Room) -> None:
    Path(room.elsewhere, "secret").unlink()


def truncates_elsewhere(room: Room) -> None:
    os.truncate(room.elsewhere + "/secret", 0)


def changes_a_mode_elsewhere(room: Room) -> None:
    Path(room.elsewhere, "secret").chmod(0o600)


def changes_a_time_elsewhere(room: Room) -> None:
    os.utime(room.elsewhere + "/secret", (0, 0))


def moves_out(room: Room) -> None:
    Path(room.write, "moving").touch()
    Path(room.write + "/moving").rename(room.elsewhere + "/moved")


def moves_into_what_is_only_read(room: Room) -> None:
    Path(room.write, "moving").touch()
    Path(room.write + "/moving").rename(room.read + "/moved")


def moves_away_what_is_only_read(room: Room) -> None:
    Path(room.read + "/data").rename(room.write + "/data")


def links_in_from_elsewhere(room: Room) -> None:
    os.link(room.elsewhere + "/secret", room.write + "/secret")


def writes_what_is_only_read(room: Room) -> None:
    Path(room.read, "data").write_bytes(b"x")


def makes_a_symbolic_link(room: Room) -> None:
    Path(room.write, "link").symlink_to("/etc/passwd")


def makes_a_pipe_with_a_name(room: Room) -> None:
    os.mkfifo(room.write + "/pipe")


def writes_to_a_device(_: Room) -> None:
    os.open("/dev/null", os.O_WRONLY)


def runs_a_program(_: Room) -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - to be refused


def starts_a_program(_: Room) -> None:
    subprocess.run(["/bin/true"], check=True)


def forks(_: Room) -> None:
    if os.fork() == 0:
        os._exit(0)


def signals_the_parent(_: Room) -> None:
    os.kill(os.getppid(), 0)


def kills_everybody(_: Room) -> None:
    os.kill(-1, 0)


def kills_its_group(_: Room) -> None:
    os.killpg(0, 0)


def kills_by_thread(_: Room) -> None:
    call("tkill", os.getppid(), 0)


def traces_the_parent(_: Room) -> None:
    call("ptrace", PTRACE_SEIZE, os.getppid(), 0, 0)


def bounds_the_parent(_: Room) -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))


def slows_the_parent(_: Room) -> None:
    os.sched_setaffinity(os.getppid(), {0})


def lets_the_kernel_signal_others(room: Room) -> None:
    fcntl.fcntl(room.unconnected.fileno(), fcntl.F_SETOWN, os.getppid())


def types_into_a_terminal(room: Room) -> None:
    call("ioctl", room.unconnected.fileno(), 0x5412, ctypes.create_string_buffer(1))


def outlives_its_parent(_: Room) -> None:
    call("prctl", privileges.PR_SET_PDEATHSIG, 0)


def is_looked_into_again(_: Room) -> None:
    call("prctl", privileges.PR_SET_DUMPABLE, 1)


def unshares(_: Room) -> None:
    call("unshare", 0x10000000)


def sets_up_a_ring(_: Room) -> None:
    call("io_uring_setup", 1, ctypes.create_string_buffer(120))


def connects(room: Room) -> None:
    room.unconnected.connect(room.elsewhere + "/socket")


def binds(room: Room) -> None:
    room.unconnected.bind(room.write + "/socket")


def listens(room: Room) -> None:
    room.unconnected.listen()


def pairs_of_sockets(_: Room) -> None:
    socket.socketpair()


def is_root_again(_: Room) -> None:
    os.setuid(0)


def opens_sockets(_: Room) -> dict[str, str]:
    families = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
    told = {}
    for name, family in families.items():
        for kind in kinds:
            try:
                call("socket", int(family), int(kind), 0)
            except OSError as error:
                told[name + " " + kind.name] = errno.errorcode[error.errno]
            else:
                told[name + " " + kind.name] = "open"
    return told


def makes_calls(names: list[str]) -> dict[str, str]:
    told = {}
    for name in names:
        try:
            told[name] = str(call(name, 0, 0, 0, 0, 0, 0))
        except OSError as error:
            told[name] = errno.errorcode[error.errno]
    return told


def makes_every_refused_call(_: Room) -> dict[str, str]:
    """Not one of them, were there no filter."""
    assert call("prctl", 21, 0, 0, 0, 0) == 2
    known = seccomp.calls(seccomp.machine()).values()
    return makes_calls([each.name for each in known if each.answer.value == "refuse"])


def asks_for_what_is_not_known(_: Room) -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)
    told = list(makes_calls(["clone3"]).values())
    libc.syscall(NO_SUCH_CALL)
    return [*told, errno.errorcode[ctypes.get_errno()]]


def calls_by_the_other_interface(_: Room) -> int:
    """x32: getpid."""
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 | 39)))


def calls_as_a_32_bit_machine(_: Room) -> int:
    """The instructions mov eax, 20 (getpid of 32 bit); int 0x80; ret."""
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    return int(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))())
