//! Whether a bet was ever sold behind the market's back: judged from append times alone, whatever the book believed.

use std::fmt::Arguments;

use super::AuditRules;
use super::bets::{Bet, Bets, Leg};
use super::markets::{Markets, Match, Version};
use super::plain::Names;
use super::report::Check;
use crate::wire::proto::MarketStatus;

/// Looks at every accepted bet, leg by leg.
pub(super) fn check_freshness(check: &mut Check, bets: &Bets, markets: &Markets, rules: &AuditRules, names: &Names) {
    for bet in &bets.accepted {
        let versions: Vec<Option<(&Match, usize)>> = bet.legs.iter().map(|leg| cited(markets, leg)).collect();
        let in_play = versions.iter().flatten().any(|(known, index)| known.versions[*index].in_play);
        let name = format_args!("{}: bet {}", bet.place(), bet.id);
        check_times(check, name, bet, in_play, rules);
        for (leg, found) in bet.legs.iter().zip(versions) {
            // A leg that cites no known version is the acceptance check's to report.
            let Some((known, index)) = found else { continue };
            check.look();
            let name = format_args!("{name} leg {} {} {}", names.text(leg.match_number), leg.market, leg.selection);
            if in_play || bet.delay_ms > 0 {
                let until = bet.placed_at + bet.delay_ms - rules.broker_skew_ms;
                undisturbed(check, name, leg, known, bet.placed_at - rules.broker_skew_ms, until, rules);
                newest(check, name, leg, known, index, until);
            } else {
                let until = bet.accepted_at - rules.staleness_limit_ms - rules.broker_skew_ms;
                newest(check, name, leg, known, index, until);
            }
        }
    }
}

fn cited<'a>(markets: &'a Markets, leg: &Leg) -> Option<(&'a Match, usize)> {
    let known = markets.get(leg.match_number)?;
    Some((known, known.index_of(leg.version)?))
}

/// The delay was waited out, and the judgement did not come too late.
fn check_times(check: &mut Check, name: Arguments<'_>, bet: &Bet, in_play: bool, rules: &AuditRules) {
    let is_sudden = bet.legs.iter().any(|leg| leg.in_play && leg.market.is_sudden());
    let longer = if is_sudden { rules.next_goal_delay_ms } else { 0 };
    let delay_ms = rules.in_play_delay_ms.max(longer);
    check.demand(!in_play || bet.delay_ms >= delay_ms, || {
        format!("{name}: in play after a delay of {} ms, expected {delay_ms}", bet.delay_ms)
    });
    let decide_at = bet.placed_at + bet.delay_ms;
    if bet.delay_ms > 0 {
        let (from, to) = (decide_at, decide_at + rules.decide_grace_ms);
        check.demand((from..=to).contains(&bet.accepted_at), || {
            format!("{name}: accepted at {}, expected within {from} to {to}", bet.accepted_at)
        });
    } else {
        let to = bet.placed_at + rules.max_age_pre_match_ms;
        check.demand(bet.accepted_at <= to, || format!("{name}: accepted at {}, too old after {to}", bet.accepted_at));
    }
}

/// No suspension and no material fact overlaps the span, by append times.
fn undisturbed(
    check: &mut Check,
    name: Arguments<'_>,
    leg: &Leg,
    known: &Match,
    from: i64,
    to: i64,
    rules: &AuditRules,
) {
    let first = known.versions.partition_point(|version| version.latest_ms < from);
    let held = |version: &Version| {
        let status = version.market(leg.market).map(|market| market.status);
        status.is_some_and(|status| {
            matches!(status, MarketStatus::Suspended | MarketStatus::Settled | MarketStatus::Cancelled)
        })
    };
    if let Some(before) = first.checked_sub(1).map(|index| &known.versions[index]) {
        check.demand(!held(before), || {
            format!("{name}: the market was held at version {}, when the wait began ({from})", before.version)
        });
    }
    let mut last_odds = first.checked_sub(1).and_then(|index| odds_at(&known.versions[index], leg));
    let later = known.versions[first..].iter().take_while(|version| version.earliest_ms <= to);
    for version in later.filter(|version| version.append_ms <= to) {
        let number = version.version;
        let is_material = version.material.touches(leg.market.what());
        check.demand(!is_material && !held(version), || {
            let what = if is_material { "something material happened" } else { "the market was held" };
            format!("{name}: {what} at version {number}, appended {} within {from} to {to}", version.append_ms)
        });
        let odds = odds_at(version, leg);
        if let (Some(last), Some(now)) = (last_odds, odds) {
            check.demand(!now.jumped(last, rules.price_jump), || {
                format!(
                    "{name}: the price jumped from {last} to {now} at version {number}, appended {}",
                    version.append_ms
                )
            });
        }
        last_odds = odds.or(last_odds);
    }
}

fn odds_at(version: &Version, leg: &Leg) -> Option<super::plain::Odds> {
    let selection = version.market(leg.market)?.selection(leg.selection)?;
    selection.odds.filter(|_| selection.offered)
}

/// No version after the cited one, appended before `until`, closes the market or moves the price.
fn newest(check: &mut Check, name: Arguments<'_>, leg: &Leg, known: &Match, cited: usize, until: i64) {
    let later = known.versions[cited + 1..].iter().take_while(|version| version.earliest_ms < until);
    for version in later.filter(|version| version.append_ms < until) {
        let active = version.market(leg.market).is_some_and(|market| market.status == MarketStatus::Active);
        let odds = odds_at(version, leg).filter(|_| active);
        check.demand(odds == Some(leg.odds), || {
            let there = odds.map_or_else(|| "no offer".to_owned(), |odds| odds.to_string());
            format!(
                "{name}: accepted at {} by version {}, though version {} ({there}) was appended at {}, before {until}",
                leg.odds, leg.version, version.version, version.append_ms
            )
        });
    }
}
