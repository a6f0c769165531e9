"""Programs that mean harm: each leaves host and worker as they were, and is told of in words."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from plimsoll.adapters.sandbox.harness.canonical import digest
from plimsoll.adapters.sandbox.sandbox import BubblewrapSandbox
from plimsoll.domain.absence import Absence
from plimsoll.ports.sandbox import Answer, Ended, Run
from tests.support.sandboxes import endings, host_as_it_was, python, ran, real_sandbox, value

MEBIBYTE = 1024**2
# Of this process: another run of the tests on this machine has its own.
MARK = f"86399.{os.getpid():07d}"
WRITABLE = ["/scratch"]

# What each does when it is loaded; all of them would do harm without a sandbox.
ON_LOADING = {
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "thread bomb": "import threading, time\nwhile True: threading.Thread(target=time.sleep, "
    "args=(99,)).start()",
    "memory bomb": "x = []\nwhile True: x.append(bytearray(1 << 20))",
    "shared memory bomb": "import mmap\nx = []\nwhile True: x.append(mmap.mmap(-1, 1 << 20)); "
    "x[-1].write(b'x' * (1 << 20))",
    "memory bomb of many": "import os\nfor _ in range(10):\n    if os.fork() == 0: break\n"
    "x = bytearray(b'x' * (180 << 20))\nwhile True: pass",
    "flood of files": "import os\nn = 0\nwhile True: n += 1; os.close(os.open(str(n), os.O_CREAT))",
    "endless output": "import os\nwhile True: os.write(1, b'x' * 65536)",
    "output to every descriptor": "import os\nwhile True:\n    for fd in range(64):\n"
    "        try: os.write(fd, b'answer value 1\\n' * 4096)\n        except OSError: pass",
    "kill of all": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "kill of the first": "import os, signal\nos.kill(1, signal.SIGKILL)\nraise SystemExit(3)",
    "kill of its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
    "raise SystemExit(3)",
    "core dump": "import os\nos.chdir('/scratch')\nos.abort()",
    "deep recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef g(n): return g(n + 1)\ng(0)",
    "early exit": "import os\nos._exit(0)",
    "deaf to signals": "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, "
    "signal.SIG_IGN)\n    except OSError: pass\nwhile True: pass",
}


@pytest.fixture(scope="module")
def sandbox() -> BubblewrapSandbox:
    """One sandbox for all of them: what one program does must not be felt by the next."""
    return real_sandbox()


@pytest.mark.parametrize("name", ON_LOADING)
def test_a_hostile_program_harms_nobody(
    sandbox: BubblewrapSandbox, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends within its limits, leaves no trace outside, and the next program runs as ever."""
    monkeypatch.chdir(tmp_path)
    with host_as_it_was(tmp_path):
        run = sandbox.run(python(f"{ON_LOADING[name]}\ndef f(x): return x", "(1,)"))
    if isinstance(run, Run):
        assert Answer(Ended.VALUE, digest(1, 100)) not in run.answers
    else:
        # On a machine that is busy enough, the wall clock comes first.
        assert run.reason == "timed_out"
    assert value(sandbox, python("def f(x): return x", "(1,)")).output == digest(1, 100)


def test_the_scratch_folder_is_bounded_and_all_else_is_read_only(
    sandbox: BubblewrapSandbox,
) -> None:
    """Eight mebibytes fit into the scratch folder; no other place can be written, or made to."""
    fill = "def f():\n    for n in range(64): open(f'{n}', 'wb').write(b'x' * (1 << 20))"
    assert endings(sandbox, python(fill, "()")) == [Ended.ERROR]
    one = "def f():\n    open('a', 'wb').write(b'x' * (1 << 20)); return 1"
    assert value(sandbox, python(one, "()")).output == digest(1, 100)
    walk = """
import os
def f():
    found = []
    for folder in ['/', '/usr', '/inside', '/dev', '/scratch', '/etc', '/lib']:
        for name in (folder, os.path.join(folder, 'deeper')):
            try:
                os.makedirs(name, exist_ok=True)
                open(os.path.join(name, 'x'), 'w').close()
                found.append(folder)
            except OSError: pass
    try: open('/inside/__main__.py', 'a'); found.append('inside')
    except OSError: pass
    return sorted(set(found))
"""
    assert value(sandbox, python(walk, "()")).output == digest(WRITABLE, 1_000)


def test_no_network_is_there(sandbox: BubblewrapSandbox) -> None:
    """A port that listens on this machine, and any other address, cannot be dialled."""
    dial = """
import socket
def f(port):
    try: socket.create_connection(('127.0.0.1', port), timeout=1); return 'connected'
    except OSError as error: return type(error).__name__
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answer = value(sandbox, python(dial, f"({port},)"))
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert answer.output == digest("PermissionError", 100)


def test_other_processes_cannot_be_seen(sandbox: BubblewrapSandbox) -> None:
    """There is no /proc, and of all process numbers only its own few exist."""
    look = """
import os
def f():
    alive = 0
    for pid in range(1, 5000):
        try: os.kill(pid, 0); alive += 1
        except OSError: pass
    return os.path.exists('/proc'), alive < 8, os.getuid()
"""
    assert value(sandbox, python(look, "()")).output == digest((False, True, 65534), 100)


def test_links_lead_nowhere(sandbox: BubblewrapSandbox, tmp_path: Path) -> None:
    """A link to a file of the host dangles, and what is written through one stays inside."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    follow = """
import os
def f(target):
    os.symlink(target, 'link')
    os.symlink(os.path.dirname(target), 'folder')
    found = []
    for path in ('link', 'folder/secret', '/etc/passwd', '/etc/shadow', '../../..' + target):
        try: open(path).read(); found.append(path)
        except OSError: pass
    try: open('link', 'w').write('mine'); found.append('written')
    except OSError: pass
    return found
"""
    with host_as_it_was(tmp_path):
        answer = value(sandbox, python(follow, f"({str(secret)!r},)"))
    assert answer.output == digest([], 100)
    assert secret.read_text() == "secret"


def test_orphans_die_with_their_sandbox(sandbox: BubblewrapSandbox) -> None:
    """A grandchild in a session of its own, deaf to hang-ups, is gone when the run is over."""
    breed = f"""
import os, signal
def f():
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if os.fork() == 0: os.execv('/usr/bin/sleep', ['sleep', '{MARK}'])
        os._exit(0)
    return 1
"""
    with host_as_it_was():
        assert value(sandbox, python(breed, "()")).output == digest(1, 100)
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert [command for command in commands if MARK in command] == []


def test_nothing_is_inherited(
    sandbox: BubblewrapSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither variables nor descriptors of the worker get in, not even one that is inheritable."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    show = """
import os
def f():
    opened = 0
    for fd in range(3, 1024):
        try: os.fstat(fd); opened += 1
        except OSError: pass
    return sorted(os.environ), opened
"""
    names = ["HOME", "LC_ALL", "PWD", "PYTHONHASHSEED", "TMPDIR", "TZ"]
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        answer = value(sandbox, python(show, "()"))
    # The one descriptor is the pipe that its answer goes into.
    assert answer.output == digest((names, 1), 1_000)


def test_no_new_namespace_and_no_other_process_can_be_entered(sandbox: BubblewrapSandbox) -> None:
    """Calls that reach out of a sandbox are refused: unshare, ptrace, mount, memfd_create."""
    reach = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def f():
    calls = [lambda: libc.unshare(0x10000000), lambda: libc.ptrace(16, 1, 0, 0),
             lambda: libc.mount(b'none', b'/scratch', b'tmpfs', 0, None),
             lambda: libc.memfd_create(b'x', 0), lambda: libc.setuid(0)]
    return [call() == -1 for call in calls]
"""
    assert value(sandbox, python(reach, "()")).output == digest([True] * 5, 1_000)


def test_one_request_does_not_end_the_others(sandbox: BubblewrapSandbox) -> None:
    """A request that crashes, kills or exits costs its own answer only."""
    source = """
import ctypes, os, signal
def f(how):
    if how == 'crash': ctypes.string_at(0)
    if how == 'kill': os.kill(os.getpid(), signal.SIGTERM)
    if how == 'exit': os._exit(0)
    if how == 'quit': raise SystemExit
    return how
"""
    ways = ["crash", "kill", "exit", "quit"]
    run = ran(sandbox, python(source, *(f"({way!r},)" for way in ways), "('none',)"))
    words = [answer.output for answer in run.answers]
    assert words == ["crash", "crash", "exit", "SystemExit", digest("none", 100)]


def test_programs_do_not_meet(sandbox: BubblewrapSandbox) -> None:
    """What one program writes, the next one does not find."""
    source = """
import os
def f():
    found = os.listdir('/scratch')
    open('/scratch/mine', 'w').close()
    return found
"""
    first, second = (ran(sandbox, python(source, "()")) for _ in range(2))
    assert first == second


def test_a_program_that_waits_for_ever_is_ended(sandbox: BubblewrapSandbox) -> None:
    """What uses no processor for five seconds is exhausted, not waited for."""
    assert endings(sandbox, python("import time\ndef f(): time.sleep(3600)", "()")) == [
        Ended.EXHAUSTED
    ]


def test_where_the_wall_clock_runs_out_nothing_is_said() -> None:
    """Wall-clock time depends on the machine's load, so it gives an absence and no ending."""
    hasty = real_sandbox(wall_s=30)
    hasty._settings.wall_s = 0.05
    with host_as_it_was():
        absence = hasty.run(python("while True: pass", "()"))
    assert isinstance(absence, Absence)
    assert absence.reason == "timed_out"


def test_signals_are_for_this_process_only(sandbox: BubblewrapSandbox) -> None:
    """A program that signals every number it can think of reaches no process of this test."""
    heard: list[int] = []
    previous = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        shout = f"""
import os, signal
def f():
    for pid in [*range(1, 100), {os.getpid()}, -{os.getpgid(0)}]:
        try: os.kill(pid, signal.SIGUSR1) if pid != os.getpid() else None
        except OSError: pass
"""
        sandbox.run(python(shout, "()"))
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert heard == []
