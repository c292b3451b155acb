"""
A desktop shell that starts sidecard as its child, for tests that end the shell and look at what becomes of the rest.

desktop_shell.py FILE thread|main COMMAND...: starts a shell, which starts COMMAND from its main thread or from one that ends
at once, with pipes as stdin and stdout; FILE gets the pids as JSON. When the shell has ended, the exit code is COMMAND's: this
process adopts what the shell leaves.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36


def write_whole(path, what):
    with open(path + ".aside", "w") as file:
        json.dump(what, file)
    os.rename(path + ".aside", path)


def be_shell(path, where, command):
    started = []

    def start():
        started.append(subprocess.Popen([part.replace("SHELL_PID", str(os.getpid())) for part in command],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    if where == "thread":
        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
    else:
        start()
    write_whole(path, {"shell": os.getpid(), "sidecard": started[0].pid, "threads": len(os.listdir("/proc/self/task"))})
    for line in started[0].stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    os._exit(started[0].wait())


def main():
    path, where, *command = sys.argv[1:]
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    # A signal for sidecard itself is sent to its pid; this process stays until it is gone.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    shell = os.fork()
    if shell == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        be_shell(path, where, command)
    _, status = os.waitpid(shell, 0)
    while True:
        try:
            _, orphan = os.wait()
            status = orphan
        except ChildProcessError:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


main()
