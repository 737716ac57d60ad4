"""Run every benchmark, one after the other."""

from benchmarks import main_job

if __name__ == "__main__":
    main_job.main()
