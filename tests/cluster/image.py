"""Builds the shipped Containerfile with buildah, on a stand-in for its base image.

No registry is needed: the stand-in is this machine's Python with the libraries that it links.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.cluster.binaries import cache_dir, say
from tests.support.children import leashed

ROOT = Path(__file__).parents[2]
# A stand-in that another version of this module made is not the same.
BASE = (
    f"localhost/plimsoll-test/python:{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}"
)
IMAGE = "localhost/plimsoll:test"
PAUSE = "localhost/pause:1"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Wheels are linked to these too; Debian's slim images hold them.
LIBRARIES = (
    *("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libresolv.so.2", "librt.so.1"),
    *("libutil.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"),
)
ACCOUNTS = "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n"
# Where packages come from, and how patient pip is; no folder of this machine is in the build.
OF_PIP = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout")
LEFT_OUT = ("test", "idlelib", "tkinter", "turtledemo", "lib2to3", "__pycache__")


class ImageError(RuntimeError):
    """An image could not be made; the message holds what buildah said."""


def run(*command: str, cwd: Path | None = None) -> str:
    """What the command prints; ImageError with its last words where it fails."""
    answer = subprocess.run(leashed(command), cwd=cwd, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        said = (answer.stdout + answer.stderr)[-3000:]
        raise ImageError(f"`{' '.join(command)}` failed with {answer.returncode}:\n{said}")
    return answer.stdout.strip()


def buildah(*arguments: str, cwd: Path | None = None) -> str:
    """Buildah on a store of the tests' own, which keeps layers from one run to the next."""
    store = cache_dir().parent / "containers"
    where = ("--root", str(store / "root"), "--runroot", str(store / "run"))
    return run("buildah", *where, "--storage-driver", "overlay", *arguments, cwd=cwd)


@contextmanager
def only_one() -> Iterator[None]:
    """Lets one process at a time build."""
    store = cache_dir().parent / "containers"
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_image(scratch: Path) -> str:
    """Builds the Containerfile as it is shipped; the image's name.

    What fails is done once more from nothing: a registry may be away for a moment, and layers of a
    build that was killed may be damaged.
    """
    with only_one():
        try:
            # A run that was killed has left containers, and mounts.
            buildah("rm", "--all")
            _build(scratch)
        except ImageError as error:
            say(f"building the image failed, and begins once more from nothing: {error}")
            _forget()
            _build(scratch)
    return IMAGE


def _build(scratch: Path) -> None:
    if not _has(BASE):
        say("making a stand-in for the base image from this machine's Python")
        shutil.rmtree(scratch / "base", ignore_errors=True)
        _make_base(scratch / "base")
    say("building the image from the Containerfile (a few minutes the first time)")
    options = ("--isolation", "chroot", "--pull-never", "--layers", "--quiet")
    given = ("--build-arg", f"PYTHON_IMAGE={BASE}")
    mounted = ("--volume", f"{_write_pip_settings(scratch)}:/etc/pip.conf:ro")
    buildah("bud", *options, *given, *mounted, "--tag", IMAGE, ".", cwd=ROOT)


def _forget() -> None:
    """Takes away what was built; what is not kept any more is no loss."""
    store = cache_dir().parent / "containers"
    with suppress(ImageError):
        buildah("rm", "--all")
    for name in ("root", "run"):
        shutil.rmtree(store / name, ignore_errors=True)


def export(image: str, archive: Path) -> None:
    """Writes an image as an archive that containerd imports."""
    archive.unlink(missing_ok=True)
    with only_one():
        buildah("push", "--quiet", image, f"docker-archive:{archive}:{image}")


def make_pause_image(program: Path, archive: Path) -> None:
    """The image of the container that holds a pod's namespaces: one program."""
    with only_one():
        container = buildah("from", "scratch")
        try:
            buildah("copy", container, str(program), "/pause")
            buildah("config", "--entrypoint", '["/pause"]', container)
            buildah("commit", "--quiet", container, PAUSE)
        finally:
            buildah("rm", container)
    export(PAUSE, archive)


def _write_pip_settings(folder: Path) -> Path:
    """What this machine's pip is told by files and variables, as a file for that in the build."""
    told = run(sys.executable, "-m", "pip", "config", "list")
    # Variables are listed first, and count most.
    settings = dict(reversed(re.findall(r"^[^=]*\.([a-z-]+)='(.*)'$", told, re.MULTILINE)))
    lines = [f"{name} = {settings[name]}" for name in OF_PIP if name in settings]
    path = folder / "pip.conf"
    path.write_text("\n".join(("[global]", *lines, "")), encoding="utf-8")
    return path


def _has(image: str) -> bool:
    return image in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines()


def _make_base(root: Path) -> None:
    _copy_python(root)
    _copy_libraries(root)
    for folder in ("tmp", "root", "proc", "dev", "sys", "run"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for name, text in {
        "passwd": ACCOUNTS,
        "group": "root:x:0:\n",
        "hosts": "127.0.0.1 localhost\n",
    }.items():
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc" / name).write_text(text, encoding="utf-8")
    certificates = root / CERTIFICATES.relative_to("/")
    certificates.parent.mkdir(parents=True)
    shutil.copy(CERTIFICATES, certificates)
    container = buildah("from", "scratch")
    try:
        buildah("copy", container, str(root), "/")
        # The registry's certificates are this machine's: the build reads them, the image does not.
        for pair in ("PATH=/usr/local/bin:/usr/bin:/bin", f"PIP_CERT={CERTIFICATES}"):
            buildah("config", "--env", pair, container)
        buildah("commit", "--quiet", container, BASE)
    finally:
        buildah("rm", container)
        shutil.rmtree(root)


def _copy_python(root: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = root / "usr/local/lib" / version
    shutil.copytree(
        sysconfig.get_path("stdlib"),
        library,
        symlinks=True,
        ignore=shutil.ignore_patterns(*LEFT_OUT, "site-packages", "dist-packages"),
    )
    packages = library / "site-packages"
    packages.mkdir()
    pip = Path(sysconfig.get_path("purelib")) / "pip"
    shutil.copytree(pip, packages / "pip", ignore=shutil.ignore_patterns("__pycache__"))
    programs = root / "usr/local/bin"
    programs.mkdir(parents=True)
    shutil.copy(Path(sys.executable).resolve(), programs / version)
    for name in ("python3", "python"):
        (programs / name).symlink_to(version)


def _copy_libraries(root: Path) -> None:
    linked = [path for path in root.rglob("*") if path.suffix == ".so" or path.parent.name == "bin"]
    listed = re.findall(r"^\s*(\S+) .*=> (\S+)$", run("/sbin/ldconfig", "-p"), re.MULTILINE)
    # Of several with a name the first is this machine's own kind.
    known = dict(reversed(listed))
    needed = {known[name] for name in LIBRARIES if name in known}
    for path in [*linked, *map(Path, needed)]:
        answer = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
        needed |= set(re.findall(r"(?:=> )?(/\S+) \(0x", answer.stdout))
    for name in needed:
        target = root / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, target)
