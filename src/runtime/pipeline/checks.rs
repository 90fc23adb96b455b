//! Which rules cannot be, and why.

use super::rules::RulesPart;

/// A value that cannot be, or two that do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The keys that are to blame, the likeliest first.
    pub keys: Vec<String>,
    /// What is wrong, with the value.
    pub what: String,
}

impl Impossible {
    /// One key.
    pub fn new(key: &str, what: impl Into<String>) -> Self {
        Impossible { keys: vec![key.to_owned()], what: what.into() }
    }

    /// Two keys that do not go together.
    fn between(keys: [&str; 2], what: impl Into<String>) -> Self {
        Impossible { keys: keys.map(str::to_owned).to_vec(), what: what.into() }
    }
}

impl std::fmt::Display for Impossible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.keys.first().map_or("", String::as_str), self.what)
    }
}

/// A value outside its bounds.
pub(super) fn outside(key: &str, value: impl Into<i64>, low: i64, high: i64, why: &str) -> Option<Impossible> {
    let value = value.into();
    let inside = (low..=high).contains(&value);
    (!inside).then(|| Impossible::new(key, format!("{value} must be {low} to {high}: {why}")))
}

/// All that cannot be in the rules.
pub(super) fn check(rules: &RulesPart) -> Vec<Impossible> {
    let mut wrong = Vec::new();
    above_zero(rules, &mut wrong);
    margins(rules, &mut wrong);
    competitions(rules, &mut wrong);
    placement(rules, &mut wrong);
    limits(rules, &mut wrong);
    licences(rules, &mut wrong);
    wrong
}

fn above_zero(rules: &RulesPart, wrong: &mut Vec<Impossible>) {
    let keys = [
        ("revision", rules.revision),
        ("partitions.matches", rules.partitions.matches),
        ("partitions.accounts", rules.partitions.accounts),
        ("freshness.watermark_every_ms", rules.freshness.watermark_every_ms),
        ("trading.total_lines", rules.trading.total_lines),
        ("trading.max_matches", rules.trading.max_matches),
        ("portions.due_quota", rules.portions.due_quota),
        ("portions.work_quota", rules.portions.work_quota),
        ("limits.max_open_bets", rules.limits.max_open_bets),
        ("limits.max_accounts", rules.limits.max_accounts),
        ("limits.max_matches", rules.limits.max_matches),
    ];
    wrong.extend(keys.iter().filter(|(_, value)| *value == 0).map(|(key, _)| Impossible::new(key, "must be above 0")));
    for (key, count) in
        [("partitions.matches", rules.partitions.matches), ("partitions.accounts", rules.partitions.accounts)]
    {
        wrong.extend((count > 10_000).then(|| {
            Impossible::new(key, format!("{count} partitions: at most 10000, each is a shard with threads of its own"))
        }));
    }
}

fn margins(rules: &RulesPart, wrong: &mut Vec<Impossible>) {
    let trading = &rules.trading;
    let lines = [
        ("handicap_lines", trading.handicap_lines),
        ("team_total_lines", trading.team_total_lines),
        ("other_lines", trading.other_lines),
        ("correct_score_max", trading.correct_score_max),
    ];
    wrong.extend(lines.into_iter().filter_map(|(name, value)| line_count("trading", name, value)));
    wrong.extend(outside("trading.ticks_per_s_max", trading.ticks_per_s_max, 0, 1_000, "updates a second of a match"));
    wrong.extend(rules.margins.named().into_iter().filter_map(|(name, value)| overround("margins", name, value)));
}

/// How many lines of a family there may be.
fn line_count(section: &str, name: &str, value: u32) -> Option<Impossible> {
    let key = format!("{section}.{name}");
    match name {
        "handicap_lines" => outside(&key, value, 1, 60, "draw no bet is priced with them"),
        "total_lines" => outside(&key, value, 1, 60, "one of them is the main one"),
        "team_total_lines" => outside(&key, value, 0, 60, "lines of each side"),
        "other_lines" => outside(&key, value, 0, 60, "lines of each other family"),
        _ => outside(&key, value, 1, 9, "goals a side"),
    }
}

fn overround(section: &str, name: &str, value: u32) -> Option<Impossible> {
    let is_addition = name.ends_with("_extra");
    let why = "thousandths, 1.000 to 2.000: below 1000 the house gives money away";
    if is_addition { None } else { outside(&format!("{section}.{name}"), value, 1_000, 2_000, why) }
}

fn competitions(rules: &RulesPart, wrong: &mut Vec<Impossible>) {
    for (at, part) in rules.competitions.iter().enumerate() {
        let section = format!("competitions[{at}]");
        let lines = [
            ("total_lines", part.total_lines),
            ("handicap_lines", part.handicap_lines),
            ("team_total_lines", part.team_total_lines),
            ("other_lines", part.other_lines),
            ("correct_score_max", part.correct_score_max),
        ];
        wrong.extend(lines.into_iter().filter_map(|(name, value)| line_count(&section, name, value?)));
        let margins = format!("{section}.margins");
        wrong.extend(part.margins.named().into_iter().filter_map(|(name, value)| overround(&margins, name, value)));
        if rules.competitions[..at].iter().any(|before| before.id == part.id) {
            wrong.push(Impossible::new(&format!("{section}.id"), format!("{:?} is there already", part.id)));
        }
    }
}

fn placement(rules: &RulesPart, wrong: &mut Vec<Impossible>) {
    let (trading, placement) = (&rules.trading, &rules.placement);
    if placement.price_jump_millionths <= 1_000_000 {
        wrong.push(Impossible::new(
            "placement.price_jump_millionths",
            format!("{} must be above 1000000 (1.0)", placement.price_jump_millionths),
        ));
    }
    if placement.rule_set != 1 {
        wrong.push(Impossible::new(
            "placement.rule_set",
            format!("{}: this version knows rule set 1", placement.rule_set),
        ));
    }
    if !trading.allow_blind && trading.silence_in_running_ms > placement.in_play_delay_ms {
        wrong.push(Impossible::between(
            ["trading.silence_in_running_ms", "placement.in_play_delay_ms"],
            format!(
                "{} exceeds placement.in_play_delay_ms {} without allow_blind: a bet could be accepted on a dead feed; lower it, or set trading.allow_blind = true",
                trading.silence_in_running_ms, placement.in_play_delay_ms
            ),
        ));
    }
}

fn limits(rules: &RulesPart, wrong: &mut Vec<Impossible>) {
    let limits = &rules.limits;
    let amounts = [
        ("limits.min_stake_minor", limits.min_stake_minor),
        ("limits.max_stake_minor", limits.max_stake_minor),
        ("limits.max_payout_minor", limits.max_payout_minor),
        ("liability.outcome_minor", rules.liability.outcome_minor),
        ("liability.market_minor", rules.liability.market_minor),
        ("liability.match_minor", rules.liability.match_minor),
        ("liability.account_minor", rules.liability.account_minor),
    ];
    wrong.extend(
        amounts
            .into_iter()
            .filter(|(_, minor)| *minor <= 0)
            .map(|(key, minor)| Impossible::new(key, format!("{minor} minor units must be above 0"))),
    );
    if limits.min_stake_minor > limits.max_stake_minor {
        wrong.push(Impossible::between(
            ["limits.min_stake_minor", "limits.max_stake_minor"],
            format!(
                "{} exceeds limits.max_stake_minor {}: no bet could be placed",
                limits.min_stake_minor, limits.max_stake_minor
            ),
        ));
    }
}

fn licences(rules: &RulesPart, wrong: &mut Vec<Impossible>) {
    for (at, licence) in rules.licences.iter().enumerate() {
        if rules.licences[..at].iter().any(|before| before.id == licence.id) {
            wrong.push(Impossible::new(&format!("licences[{at}].id"), format!("{:?} is there already", licence.id)));
        }
    }
}
