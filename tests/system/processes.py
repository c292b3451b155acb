"""Looking at the whole process table: what belongs to a runtime, and whether any of it is left."""

import time

import psutil

MARK = "SIDECARD_TEST_MARK"


def environment(process):
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def is_alive(process):
    """A zombie is gone: only its parent has not looked yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def descendants(pid):
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def marked(mark, runtime_ids=()):
    """Every process that inherited the mark which a test put into the environment, or one of these runtimes' ids."""
    found = []
    for process in psutil.process_iter():
        variables = environment(process)
        if variables.get(MARK) == mark or variables.get("SIDECARD_RUNTIME_ID") in set(runtime_ids):
            found.append(process)
    return [process for process in found if is_alive(process)]


def describe(process):
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    except psutil.Error:
        return f"{process.pid} (gone meanwhile)"


def poll(check, timeout, what, interval=0.05):
    """The first true answer of check(), or an AssertionError that says what was waited for: a text, or what makes one."""
    deadline = time.monotonic() + timeout
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(interval)
