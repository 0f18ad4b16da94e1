"""A filter on system calls: what no exercise needs, and what would escape the limits or reach the guard.

Memory that RLIMIT_DATA and the count of resident pages miss is refused (memfd, System V shared memory, anonymous shared
mappings), and so is anything done *to another process* but a signal, new namespaces, mounts, keys, kernel interfaces
that have been a way out before, and sockets that no network namespace holds (AF_VSOCK reaches the host of a virtual
machine). Machines other than x86-64 and ARM64 go without this second line of defence.
"""

import ctypes
import errno
import platform
import struct

from autograder.sandbox.inside import system

# name: (x86-64, ARM64); None where the machine has no such call
REFUSED = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "shmctl": (31, 195), "shmdt": (67, 197), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "pidfd_getfd": (438, 438), "kcmp": (312, 272), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "setns": (308, 268), "unshare": (272, 97), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "quotactl": (179, 60), "quotactl_fd": (443, 443), "acct": (163, 89),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "personality": (135, 92), "syslog": (103, 116), "vhangup": (153, 58), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "move_pages": (279, 239), "migrate_pages": (256, 238), "fanotify_init": (300, 262),
    "setpriority": (141, 140), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "ioprio_set": (251, 30), "iopl": (172, None), "ioperm": (173, None),
    "modify_ldt": (154, None), "uselib": (134, None),
}
CLONE, CLONE3, MMAP, SOCKET = (56, 220), (435, 435), (9, 222), (41, 198)
PRLIMIT, SET_AFFINITY = (302, 261), (203, 122)
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: all four end in the session's own network namespace
NAMESPACES = 0x7E020080  # every CLONE_NEW flag that fits into the flags of clone
SHARED_ANONYMOUS = 0x21
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32 = 0x40000000

LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def install() -> bool:
    """Filter this process and all its children from now on; False on a machine without a table. Raises OSError."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    code = program(*machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    kept = ctypes.create_string_buffer(header, len(header))
    system.prctl(system.PR_SET_SECCOMP, 2, ctypes.addressof(kept))
    return True


def program(column: int, architecture: int) -> bytes:
    """The filter as the kernel reads it. `column` picks the numbers, `architecture` is the kernel's name of it."""
    lines = [_line(LOAD, ARCHITECTURE), _line(EQUAL, architecture, 1, 0), _line(RETURN, KILL), _line(LOAD, NUMBER)]
    if column == 0:
        lines += [_line(AT_LEAST, X32, 0, 1), _line(RETURN, ERROR | errno.ENOSYS)]
    lines += _if(CLONE[column], [_argument(0), _line(ANY_BIT, NAMESPACES, 0, 1), _no(errno.EPERM)])
    lines += _if(CLONE3[column], [_no(errno.ENOSYS)])  # its flags lie in memory; callers fall back on clone
    lines += _if(MMAP[column], [_argument(3), _line(AND, SHARED_ANONYMOUS), _line(EQUAL, SHARED_ANONYMOUS, 0, 1),
                                _no(errno.EPERM)])
    tests = [_line(EQUAL, family, len(FAMILIES) - i, 0) for i, family in enumerate(FAMILIES)]
    lines += _if(SOCKET[column], [_argument(0), *tests, _no(errno.EAFNOSUPPORT)])
    for call in (PRLIMIT, SET_AFFINITY):  # of oneself only, not of the guard
        lines += _if(call[column], [_argument(0), _line(EQUAL, 0, 1, 0), _no(errno.EPERM)])
    numbers = sorted(n[column] for n in REFUSED.values() if n[column] is not None)
    lines += [_line(EQUAL, number, len(numbers) - i, 0) for i, number in enumerate(numbers)]
    return b"".join([*lines, _line(RETURN, ALLOW), _no(errno.EPERM)])


def _if(number: int, body: list[bytes]) -> list[bytes]:
    """For one call: run `body`, and allow the call where it falls through."""
    return [_line(EQUAL, number, 0, len(body) + 1), *body, _line(RETURN, ALLOW)]


def _argument(index: int) -> bytes:
    """Load the low half of an argument (both machines are little-endian)."""
    return _line(LOAD, ARGUMENTS + 8 * index)


def _no(error: int) -> bytes:
    return _line(RETURN, ERROR | error)


def _line(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, value)
