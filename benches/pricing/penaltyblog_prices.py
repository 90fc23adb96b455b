"""Prices the states that the bench wrote with penaltyblog, and prints medians in nanoseconds: the grid with all its
markets, the inversion from 1X2 and total, Shin on three-way odds. Fails where both must agree and do not."""

import json
import statistics
import sys
import time

from penaltyblog.implied import calculate_implied
from penaltyblog.models import create_dixon_coles_grid, goal_expectancy_extended

TOTALS = [quarters / 4 for quarters in range(2, 31)]
HANDICAPS = [quarters / 4 for quarters in range(-16, 17)]


def whole(state):
    """Grid and every market that it has; it knows no margins, no ladder, no score so far and no next goal."""
    grid = create_dixon_coles_grid(state["home_mean"], state["away_mean"], state["rho"])
    result = grid.home_draw_away
    _ = (grid.double_chance_1x, grid.double_chance_12, grid.double_chance_x2)
    _ = (grid.draw_no_bet_home, grid.draw_no_bet_away, grid.btts_yes, grid.btts_no)
    _ = (grid.win_to_nil_home(), grid.win_to_nil_away())
    for line in TOTALS:
        grid.totals(line)
    for line in HANDICAPS:
        grid.asian_handicap_probs("home", line)
        grid.asian_handicap_probs("away", line)
    for home in range(7):
        for away in range(7):
            grid.exact_score(home, away)
    grid.home_goal_distribution()
    grid.away_goal_distribution()
    grid.total_goals_distribution()
    return result


def timed(work, subjects):
    """Median over the subjects."""
    times = []
    for subject in subjects:
        begin = time.perf_counter_ns()
        work(subject)
        times.append(time.perf_counter_ns() - begin)
    return statistics.median(times)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        told = json.load(file)
    for state in told["states"]:
        if state["is_kick_off"]:
            result = whole(dict(state, rho=0.0))
            difference = max(abs(ours - theirs) for ours, theirs in zip(state["match_result"], result))
            # Its grid ends at 15 goals.
            if difference > 1e-6:
                sys.exit(f"not the same price: {state} {result}")
    figures = [
        timed(whole, told["states"]),
        timed(lambda odds: goal_expectancy_extended(*odds, remove_overround=False), told["odds"][::5]),
        timed(lambda odds: calculate_implied(odds, method="shin"), told["three_way"]),
    ]
    print(*(f"{figure:.0f}" for figure in figures))


main()
