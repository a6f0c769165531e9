"""The system calls that code in the sandbox may not make, as a filter for the kernel."""

from __future__ import annotations

import platform
import struct

# https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38
# Offsets in struct seccomp_data, little-endian: number, architecture, low halves of arguments.
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020000
_AF_UNIX = 1
_TIOCSTI = 0x5412

# Reaching into other processes, mounts, keys, the kernel's own programs, memory that no limit
# counts, clocks, and whatever else no solution of a task needs.
_X86_64 = {
    "clone": 56, "clone3": 435, "socket": 41, "ioctl": 16,
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "pidfd_getfd": 438, "process_madvise": 440, "mount": 165, "umount2": 166, "pivot_root": 155,
    "chroot": 161, "unshare": 272, "setns": 308, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321, "perf_event_open": 298,
    "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "semget": 64, "msgget": 68,
    "mq_open": 240, "name_to_handle_at": 303, "open_by_handle_at": 304, "mknod": 133,
    "mknodat": 259, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "kexec_load": 246, "kexec_file_load": 320, "reboot": 169, "swapon": 167, "swapoff": 168,
    "acct": 163, "syslog": 103, "quotactl": 179, "personality": 135, "iopl": 172, "ioperm": 173,
    "modify_ldt": 154, "settimeofday": 164, "clock_settime": 227, "clock_adjtime": 305,
    "adjtimex": 159, "sethostname": 170, "setdomainname": 171, "vhangup": 153,
    "fanotify_init": 300, "mbind": 237, "migrate_pages": 256, "move_pages": 279, "vmsplice": 278,
}  # fmt: skip
_AARCH64 = {
    "clone": 220, "clone3": 435, "socket": 198, "ioctl": 29,
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
    "pidfd_getfd": 438, "process_madvise": 440, "mount": 40, "umount2": 39, "pivot_root": 41,
    "chroot": 51, "unshare": 97, "setns": 268, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280, "perf_event_open": 241,
    "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "semget": 190, "msgget": 186,
    "mq_open": 180, "name_to_handle_at": 264, "open_by_handle_at": 265, "mknodat": 33,
    "init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_load": 104,
    "kexec_file_load": 294, "reboot": 142, "swapon": 224, "swapoff": 225, "acct": 89,
    "syslog": 116, "quotactl": 60, "personality": 92, "settimeofday": 170, "clock_settime": 112,
    "clock_adjtime": 266, "adjtimex": 171, "sethostname": 161, "setdomainname": 162,
    "vhangup": 58, "fanotify_init": 262, "mbind": 235, "migrate_pages": 238, "move_pages": 239,
    "vmsplice": 75,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}
_LOOKED_INTO = ("clone", "clone3", "socket", "ioctl")


def seccomp_filter(machine: str = "") -> bytes | None:
    """The compiled filter for a machine, by default this one; None where its calls are unknown."""
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    architecture, numbers = known
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        # The x32 calls of x86_64 are others under numbers that the rules below do not name.
        *_rule(_AT_LEAST, _X32_BIT, _ENOSYS),
        # Without it the C library falls back to clone, whose flags can be looked at.
        *_rule(_EQUAL, numbers["clone3"], _ENOSYS),
    ]
    for name, number in sorted(numbers.items()):
        if name not in _LOOKED_INTO:
            program += _rule(_EQUAL, number, _EPERM)
    program += _argument(numbers["clone"], _FIRST, _rule(_ANY_OF, _NEW_NAMESPACES, _EPERM))
    program += _argument(numbers["ioctl"], _SECOND, _rule(_EQUAL, _TIOCSTI, _EPERM))
    only_unix = [_step(_EQUAL, _AF_UNIX, yes=1), _step(_RETURN, _FAIL | _EACCES)]
    program += _argument(numbers["socket"], _FIRST, only_unix)
    return b"".join([*program, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)


def _rule(test: int, value: int, error: int) -> list[bytes]:
    """Answers the call with an error where the test holds."""
    return [_step(test, value, no=1), _step(_RETURN, _FAIL | error)]


def _argument(number: int, offset: int, rules: list[bytes]) -> list[bytes]:
    """Rules on an argument of one call; afterwards the call's number is in hand again."""
    inner = [_step(_LOAD, offset), *rules, _step(_LOAD, _NUMBER)]
    return [_step(_EQUAL, number, no=len(inner)), *inner]
