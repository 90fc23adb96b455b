//! What is written on the big screen: events, holders and the clock in a word or two.

use crate::event::{FactBody, MatchUpdate, Owner, Owners, Period, Side};

/// An event worth showing, in a word.
pub(super) fn news(body: &FactBody) -> Option<&'static str> {
    match body {
        FactBody::Goal { side: Side::Home, .. } => Some("GOAL home"),
        FactBody::Goal { side: Side::Away, .. } => Some("GOAL away"),
        FactBody::PossibleGoal(_) => Some("goal?"),
        FactBody::NoGoal => Some("no goal"),
        FactBody::PenaltyAwarded(_) => Some("PENALTY"),
        FactBody::PenaltyMissed(_) => Some("penalty missed"),
        FactBody::PenaltyCancelled(_) => Some("penalty cancelled"),
        FactBody::PenaltyRetaken(_) => Some("penalty retaken"),
        FactBody::PossibleRedCard(_) => Some("red card?"),
        FactBody::RedCard { side: Side::Home, .. } => Some("RED home"),
        FactBody::RedCard { side: Side::Away, .. } => Some("RED away"),
        FactBody::ReviewStart => Some("video review"),
        FactBody::ReviewEnd => Some("review over"),
        FactBody::Rollback(_) => Some("taken back"),
        FactBody::Interruption => Some("interrupted"),
        FactBody::Resumed => Some("goes on"),
        FactBody::Abandoned => Some("abandoned"),
        FactBody::PeriodStart(Period::FirstHalf) => Some("kick-off"),
        FactBody::PeriodStart(_) => Some("under way"),
        FactBody::PeriodEnd(Period::FirstHalf) => Some("half-time"),
        FactBody::PeriodEnd(_) | FactBody::FinalWhistle => Some("full time"),
        FactBody::Fixture(_)
        | FactBody::ClockTick
        | FactBody::PlayRestarted
        | FactBody::NoRedCard
        | FactBody::PossibleCard(_)
        | FactBody::NoCard
        | FactBody::YellowCard(_)
        | FactBody::CornerAwarded(_)
        | FactBody::CornerTaken(_)
        | FactBody::CornerRetracted(_)
        | FactBody::DangerousFreeKick(_)
        | FactBody::DangerOver
        | FactBody::Confirmed(_)
        | FactBody::Cancel { .. }
        | FactBody::RollbackCancel(_) => None,
    }
}

/// The holders of a market.
pub(super) fn owners(owners: Owners) -> String {
    let names = [
        (Owner::Feed, "feed"),
        (Owner::Incident, "incident"),
        (Owner::Trader, "trader"),
        (Owner::Risk, "risk"),
        (Owner::Freeze, "freeze"),
        (Owner::Schedule, "schedule"),
        (Owner::Lag, "lag"),
        (Owner::Staleness, "staleness"),
    ];
    let held: Vec<&str> = names.iter().filter(|(owner, _)| owners.contains(*owner)).map(|(_, name)| *name).collect();
    held.join("+")
}

/// The match clock as a score board shows it: `pre`, `12'`, `45+2'`, `HT`, `FT`.
pub(super) fn clock(update: &MatchUpdate) -> String {
    let minute = |starts_at: i64, lasts: i64| {
        let elapsed = update.clock.filter(|clock| clock.period == update.period).map_or(0, |clock| clock.elapsed.get());
        let minute = elapsed / 60_000 + 1;
        match minute - lasts {
            stoppage @ 1.. => format!("{}+{stoppage}'", starts_at + lasts),
            ..=0 => format!("{}'", starts_at + minute),
        }
    };
    match update.period {
        Period::PreMatch => "pre".to_owned(),
        Period::FirstHalf => minute(0, 45),
        Period::HalfTime => "HT".to_owned(),
        Period::SecondHalf => minute(45, 45),
        Period::BeforeExtraTime | Period::Over => "FT".to_owned(),
        Period::ExtraFirstHalf => minute(90, 15),
        Period::ExtraSecondHalf => minute(105, 15),
        Period::ShootOut => "pens".to_owned(),
    }
}

/// Minor units as a person reads them: `12,345.60`.
pub(super) fn amount(minor: i64) -> String {
    let (sign, magnitude) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    let whole = (magnitude / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{:02}", magnitude % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (minor, text) in [(0, "0.00"), (5, "0.05"), (123_456, "1,234.56"), (-100_000_000, "-1,000,000.00")] {
            assert_eq!(amount(minor), text);
        }
    }
}
