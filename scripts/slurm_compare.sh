#!/usr/bin/env bash
# A comparison as a job array: each job of the array makes one shard, and the last that ends merges them.
#
#   sbatch --array=1-8 scripts/slurm_compare.sh FOLDER --controller pretrained --task data-sets --against panel --starts 400
#
# FOLDER is on a file system that all see; it gets shard-1, shard-2, … and merged. A job that was killed is submitted
# again with its number alone (sbatch --array=3): a trial is a function of the command and the seed, so nothing changes by it.
# Rivals that are tuned are tuned by every shard; with one DESCENDER_RIVALS for all, who comes later finds what is done.
#SBATCH --cpus-per-task=2
set -euo pipefail

folder=$1
shift
number=${SLURM_ARRAY_TASK_ID:?expected a job of an array, such as sbatch --array=1-8}
count=${SHARDS:-${SLURM_ARRAY_TASK_COUNT:?}}
descender=${DESCENDER:-descender}
export DESCENDER_RIVALS=${DESCENDER_RIVALS:-$folder/rivals}

mkdir -p "$folder"
own="$folder/shard-$number"
if [[ -e "$own/compare.json" ]]; then
    "$descender" compare --resume "$own" --threads "${SLURM_CPUS_PER_TASK:-2}"
else
    # A comparison over a set of jobs goes on by the same command.
    "$descender" compare "$@" --shard "$number/$count" --out "$own" --threads "${SLURM_CPUS_PER_TASK:-2}"
fi

# Whoever finds all shards complete makes the whole; the others are told which one is missing.
shards=()
for ((i = 1; i <= count; i++)); do
    shards+=("$folder/shard-$i")
done
if "$descender" merge "${shards[@]}" --out "$folder/merged" 2>"$own/merge.txt"; then
    echo "merged: $folder/merged"
else
    tail -n 1 "$own/merge.txt"
fi
