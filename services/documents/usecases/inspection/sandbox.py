"""Takes from a process what a parser of hostile files does not need: files, network, other programs. Linux, by ctypes.

Each layer is used where the kernel has it: namespaces (no network, every file system read-only), landlock (no file can be
opened), seccomp (no system call but those that compute). None needs a privilege.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Mapping
from functools import cache
from typing import Final

NAMESPACES: Final = "namespaces"
LANDLOCK: Final = "landlock"
SECCOMP: Final = "seccomp"

_libc = ctypes.CDLL(None, use_errno=True)

_NEW_USER, _NEW_NET, _NEW_MOUNTS, _NEW_IPC, _NEW_UTS = 0x10000000, 0x40000000, 0x20000, 0x8000000, 0x4000000
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_READ_ONLY = -100, 0x8000, 1
_SYS_MOUNT_SETATTR, _SYS_CREATE_RULESET, _SYS_RESTRICT_SELF = 442, 444, 446
_SET_NO_NEW_PRIVILEGES, _GET_SECCOMP, _SET_SECCOMP, _SECCOMP_FILTER = 38, 21, 22, 2

# What may be handled grows with landlock's version: rights on files by version, then TCP (4), then abstract sockets (6).
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP_VERSION: Final = 4
_SCOPE_VERSION: Final = 6

_ARCHITECTURES: Final[Mapping[str, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# System calls that an inspection needs once its modules are loaded; the rest answers EPERM. Numbers per architecture.
_CALLS: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, None),
    "ppoll": (271, 73),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "pread64": (17, 67),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "nanosleep": (35, 101),
    "alarm": (37, None),
    "setitimer": (38, 103),
    "getpid": (39, 172),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "exit": (60, 93),
    "uname": (63, 160),
    "gettimeofday": (96, 169),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "setrlimit": (160, 164),
    "gettid": (186, 178),
    "futex": (202, 98),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "getrandom": (318, 278),
}
_OF_ONESELF: Final = frozenset({"tgkill", "prlimit64"})
"""Calls whose first argument is a process: allowed for this one alone, which is named by its number or, by some, by 0."""
_CLONE: Final = (56, 220)
_CLONE_THREAD: Final = 0x10000
"""Set where what begins is a thread of the same process: decoders of HEIC insist on one. A process is never begun."""
_CLONE3: Final = 435
"""Its flags lie where a filter cannot read them; told that there is no such call, the C library makes the older one."""
_LOAD, _EQUAL, _HAS_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_INSTRUCTION, _OPERAND = 8, 4
"""Bytes of an instruction of the filter, and where in it its operand begins."""
_ALLOW, _DENY, _NO_SUCH_CALL, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS, 0x80000000


def isolate() -> list[str]:
    """Leave the network and make every file system read-only, for this process and its children.

    To be called before there is a second thread. Answers the layers that hold here and those that `confine` will add.
    """
    active = []
    if _libc.unshare(_NEW_USER | _NEW_NET | _NEW_MOUNTS | _NEW_IPC | _NEW_UTS) == 0:
        attributes = struct.pack("=QQQQ", _MOUNT_READ_ONLY, 0, 0, 0)
        if _libc.syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, b"/", _AT_RECURSIVE, attributes, len(attributes)) == 0:
            active.append(NAMESPACES)
    if _landlock_version() > 0:
        active.append(LANDLOCK)
    if _has_seccomp():
        active.append(SECCOMP)
        _program()
    return active


def confine() -> None:
    """Open no file and make no system call but a few from now on; what is open stays so. Raises OSError."""
    _require(_libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    if (version := _landlock_version()) > 0:
        _restrict(version)
    if _has_seccomp():
        _filter_calls()


def _require(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _landlock_version() -> int:
    return int(_libc.syscall(_SYS_CREATE_RULESET, None, 0, 1))


def _restrict(version: int) -> None:
    """A ruleset that handles every right and grants none."""
    rights = [(1 << _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]) - 1]
    rights += [3] if version >= _TCP_VERSION else []
    rights += [3] if version >= _SCOPE_VERSION else []
    rules = struct.pack(f"={len(rights)}Q", *rights)
    ruleset = _require(_libc.syscall(_SYS_CREATE_RULESET, rules, len(rules), 0))
    _require(_libc.syscall(_SYS_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _has_seccomp() -> bool:
    return platform.machine() in _ARCHITECTURES and _libc.prctl(_GET_SECCOMP, 0, 0, 0, 0) >= 0


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter_calls() -> None:
    packed, processes = _program()
    program = bytearray(packed)
    for at in processes:
        struct.pack_into("=I", program, at, os.getpid())
    filter = _Program(len(program) // _INSTRUCTION, bytes(program))
    _require(_libc.prctl(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(filter), 0, 0))


@cache
def _program() -> tuple[bytes, tuple[int, ...]]:
    """The filter, and at which of its bytes the process names itself; `isolate` makes it once for all forks."""
    machine = platform.machine()
    column = list(_ARCHITECTURES).index(machine)
    program = [
        (_LOAD, 0, 0, 4),  # the architecture of the call
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # its number
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _NO_SUCH_CALL),
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, 16),  # its flags, of which those that matter are in these 32 bits
        (_HAS_BITS, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    processes = []
    for name, numbers in _CALLS.items():
        if (number := numbers[column]) is None:
            continue
        allowed = [(_RETURN, 0, 0, _ALLOW)]
        if name in _OF_ONESELF:
            processes.append((len(program) + 2) * _INSTRUCTION + _OPERAND)
            allowed = [
                (_LOAD, 0, 0, 16),  # the first argument, of which the kernel takes 32 bits for a process
                (_EQUAL, 1, 0, 0),
                (_EQUAL, 0, 1, 0),
                (_RETURN, 0, 0, _ALLOW),
                (_RETURN, 0, 0, _DENY),
            ]
        program += [(_EQUAL, 0, len(allowed), number), *allowed]
    program.append((_RETURN, 0, 0, _DENY))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program), tuple(processes)
