#!/usr/bin/env bash
# A learning over a set of jobs as a job array: each job of the array makes its share of every round.
#
#   sbatch --array=1-8 scripts/slurm_train.sh FOLDER --task jobs --set rounds=32
#
# FOLDER is on a file system that all see. The jobs wait for each other between the rounds, so they must run at the same
# time; one that was killed is submitted again with its number alone (SHARDS=8 sbatch --array=3 …), and goes on from what is
# there. The controller is byte for byte that of one machine.
#SBATCH --cpus-per-task=2
set -euo pipefail

folder=$1
shift
number=${SLURM_ARRAY_TASK_ID:?expected a job of an array, such as sbatch --array=1-8}
count=${SHARDS:-${SLURM_ARRAY_TASK_COUNT:?}}

exec "${DESCENDER:-descender}" train "$@" --shard "$number/$count" --out "$folder" --threads "${SLURM_CPUS_PER_TASK:-2}"
