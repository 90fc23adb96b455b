//! What a market and its selections are called on a coupon.

use super::definition::{Reads, Specifier, What};
use super::outcome::{How, Third};
use super::{For, MarketId, MarketType, Outcome, Part};
use crate::values::{QuarterLine, Side};

impl MarketId {
    /// As people call it: `Total goals 2.5`, `Home total goals 1.5`, `Goal in minutes 16 to 30`.
    pub fn title(self) -> String {
        let definition = self.definition();
        let is_handicap = self.is_handicap();
        let mut title = definition.title.to_owned();
        for specifier in definition.specifiers {
            let first = self.first_number();
            let (place, text) = match specifier {
                Specifier::Line if is_handicap => ("{line}", signed(self.line())),
                Specifier::Line => ("{line}", self.line().to_string()),
                Specifier::Side => ("{side}", side(self.side()).to_owned()),
                Specifier::Base => ("{base}", format!("{}:{}", self.base().home, self.base().away)),
                Specifier::Half => ("{half}", if first == 1 { "First half" } else { "Second half" }.to_owned()),
                Specifier::Nth => ("{nth}", ordinal(first)),
                Specifier::Minute => ("{to}", first.to_string()),
                Specifier::From => ("{from}", (first + 1).to_string()),
                Specifier::To if definition.specifiers.contains(&Specifier::From) => {
                    ("{to}", self.second_number().to_string())
                }
                Specifier::To => ("{to}", first.to_string()),
                // Its selections show how far it goes.
                Specifier::Max => continue,
            };
            title = title.replace(place, &text);
        }
        title
    }

    /// As people call a selection: `Over 2.5`, `Away +0.25`, `Home by 3 or more`.
    pub fn selection_title(self, outcome: Outcome) -> String {
        if self.is_handicap() {
            let home = signed(self.line());
            if outcome == Outcome::Draw {
                return format!("Draw (home {home})");
            }
            let own = if outcome == Outcome::Away { signed(self.line().negated()) } else { home };
            return format!("{} {own}", whole(outcome));
        }
        let has_line = self.definition().specifiers.contains(&Specifier::Line);
        if has_line { format!("{} {}", whole(outcome), self.line()) } else { whole(outcome) }
    }

    /// Under which heading of a coupon it stands, one of [`SECTIONS`](Self::SECTIONS).
    pub fn section(self) -> &'static str {
        let [result, tie, goals, halves, order, corners, cards] = Self::SECTIONS;
        match (self.definition().reads, self.measure()) {
            (Reads::KnockOut(_), _) => tie,
            (Reads::Race(What::Corners), _) => corners,
            (Reads::Race(What::Cards), _) => cards,
            (Reads::Race(What::Goals) | Reads::NthGoal | Reads::LastGoal | Reads::GoalWithin(_), _) => order,
            (Reads::HalfScore { .. } | Reads::Halves(_), _) => halves,
            (_, Some(measure)) => match (measure.what, measure.part, measure.of) {
                (What::Corners, _, _) => corners,
                (What::Cards, _, _) => cards,
                (What::Goals, Part::FirstHalf | Part::SecondHalf, _) => halves,
                (What::Goals, Part::Match | Part::Since(_), For::Lead) => result,
                (What::Goals, Part::Match | Part::Since(_), For::Both | For::One(_)) => goals,
            },
            (Reads::Line(_) | Reads::Number { .. } | Reads::Score { .. }, None) => goals,
        }
    }

    /// The headings of a coupon, in its order.
    pub const SECTIONS: [&'static str; 7] =
        ["Result", "Knock-out tie", "Goals", "Halves", "Who scores, and when", "Corners", "Cards"];

    /// Whether its line is a start that home is given.
    fn is_handicap(self) -> bool {
        let is_level = self.kind() == MarketType::DRAW_NO_BET;
        let has_line = self.definition().specifiers.contains(&Specifier::Line);
        has_line && !is_level && self.measure().is_some_and(|measure| measure.of == For::Lead)
    }
}

fn signed(line: QuarterLine) -> String {
    if line.quarters() > 0 { format!("+{line}") } else { line.to_string() }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Home => "Home",
        Side::Away => "Away",
    }
}

fn third(third: Third) -> &'static str {
    match third {
        Third::Home => "Home",
        Third::Draw => "Draw",
        Third::Away => "Away",
    }
}

fn whole(outcome: Outcome) -> String {
    let fixed = match outcome {
        Outcome::Home => "Home",
        Outcome::Draw => "Draw",
        Outcome::Away => "Away",
        Outcome::Over => "Over",
        Outcome::Under => "Under",
        Outcome::HomeOrDraw => "Home or draw",
        Outcome::HomeOrAway => "Home or away",
        Outcome::DrawOrAway => "Draw or away",
        Outcome::Yes => "Yes",
        Outcome::No => "No",
        Outcome::NoGoal => "No goal",
        Outcome::OtherHome => "Any other home win",
        Outcome::OtherDraw => "Any other draw",
        Outcome::OtherAway => "Any other away win",
        Outcome::Odd => "Odd",
        Outcome::Even => "Even",
        Outcome::Neither => "Neither",
        Outcome::FirstHalf => "First half",
        Outcome::SecondHalf => "Second half",
        Outcome::Equal => "Equal",
        Outcome::Score(home, away) => return format!("{home}:{away}"),
        Outcome::Exactly(number) => return number.to_string(),
        Outcome::AtLeast(number) => return format!("{number} or more"),
        Outcome::By(winner, goals) => return format!("{} by {goals}", side(winner)),
        Outcome::ByAtLeast(winner, goals) => return format!("{} by {goals} or more", side(winner)),
        Outcome::HalfFull(half, full) => return format!("{} / {}", third(half), third(full)),
        Outcome::Through(winner, how) => {
            let how = match how {
                How::InNinety => "in ninety minutes",
                How::InExtraTime => "in extra time",
                How::OnPenalties => "on penalties",
            };
            return format!("{} {how}", side(winner));
        }
    };
    fixed.to_owned()
}

fn ordinal(number: u8) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::super::{MarketId, MarketType, Outcome};

    #[test]
    fn markets_are_called_as_on_a_coupon() {
        let titles = [
            ("1x2", "Match result"),
            ("total:line=2.5", "Total goals 2.5"),
            ("team_total:line=1.5,side=away", "Away total goals 1.5"),
            ("handicap:line=0.25", "Asian handicap +0.25"),
            ("handicap_rest:base=1:0,line=-0.5", "Asian handicap, rest of match (from 1:0) -0.5"),
            ("half_total:half=2,line=0.5", "Second half total goals 0.5"),
            ("next_goal:nth=2", "Next goal (2nd)"),
            ("interval_goal:from=15,to=30", "Goal in minutes 16 to 30"),
            ("team_interval_goal:from=15,side=away,to=30", "Away goal in minutes 16 to 30"),
            ("goal_before:minute=30", "Goal before 30:00"),
            ("corners_race:to=5", "Race to 5 corners"),
        ];
        for (id, title) in titles {
            assert_eq!(MarketId::parse(id).unwrap().title(), title);
        }
    }

    #[test]
    fn each_side_of_a_line_is_called_by_its_own_number() {
        let titles = [
            ("handicap:line=0.25", "home", "Home +0.25"),
            ("handicap:line=0.25", "away", "Away -0.25"),
            ("draw_no_bet", "away", "Away"),
            ("european_handicap:line=-1", "away", "Away +1"),
            ("european_handicap:line=-1", "draw", "Draw (home -1)"),
            ("total:line=2.5", "under", "Under 2.5"),
            ("winning_margin:max=3", "home_by_3+", "Home by 3 or more"),
            ("correct_score:max=4", "other_draw", "Any other draw"),
            ("exact_goals:max=6", "6+", "6 or more"),
            ("ht_ft", "draw/home", "Draw / Home"),
        ];
        for (id, outcome, title) in titles {
            let (market, outcome) = (MarketId::parse(id).unwrap(), Outcome::parse(outcome).unwrap());
            assert_eq!(market.selection_title(outcome), title);
        }
    }

    #[test]
    fn every_place_of_a_title_is_filled_and_every_section_is_one() {
        for market in MarketType::all().map(|kind| MarketId::of(kind).numbers(1, 2)) {
            assert!(!market.title().contains(['{', '}']), "{}", market.title());
            assert!(MarketId::SECTIONS.contains(&market.section()), "{market}");
        }
    }
}
