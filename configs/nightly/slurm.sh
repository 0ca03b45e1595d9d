#!/usr/bin/env bash
#SBATCH --job-name=noggin-nightly
#SBATCH --cpus-per-task=8
#SBATCH --time=04:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
# SIGTERM two minutes before the end saves the state; the job goes back into the queue and goes on there.
noggin nightly "${RECIPE:?}" --shipped "${SHIPPED:?}" &
child=$!
trap 'kill -TERM "$child"' TERM
wait "$child"; code=$?
if kill -0 "$child" 2>/dev/null; then wait "$child"; code=$?; fi  # the trap ended the first wait
[ "$code" -ne 143 ] || scontrol requeue "$SLURM_JOB_ID"
exit "$code"
