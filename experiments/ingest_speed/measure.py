"""Runs a command on one core and says what it cost.

Usage: measure.py FILE ROWS COMMAND...     FILE, ROWS: what it reads
"""

import os
import subprocess
import sys
import time

path, rows, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
core = max(os.sched_getaffinity(0))
start = time.monotonic()
process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
seconds = time.monotonic() - start
with open(f"/proc/{process.pid}/io") as file:  # of a process that has ended and is not yet forgotten
    read = int(file.readline().split()[1])
_, status, usage = os.wait4(process.pid, 0)
size = os.path.getsize(path)
print(f"| {size / 1e6:,.0f} MB, {rows:,} rows | {seconds:.1f} s | {size / seconds / 1e6:.0f} MB/s | {rows / seconds:,.0f} rows/s "
      f"| {seconds * 1e6 / rows:.1f} us a row | CPU {usage.ru_utime + usage.ru_stime:.1f} s "
      f"| peak RSS {usage.ru_maxrss / 1024:.0f} MiB | read {read / size:.2f} times |")
sys.exit(os.waitstatus_to_exitcode(status))
