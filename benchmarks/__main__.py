"""Run every benchmark, one after the other."""

from benchmarks import backfill, closing_hour, drawdown, main_job, rating, states

if __name__ == "__main__":
    states.main()
    main_job.main()
    rating.main()
    drawdown.main()
    backfill.main()
    closing_hour.main()
