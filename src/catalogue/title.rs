//! What a market is called on a coupon.

use super::definition::Specifier;
use super::{For, MarketId};
use std::fmt::Write as _;

impl MarketId {
    /// As people call it: `Total goals 2.5`, `Goals of one side 1.5, home`, `Goal within these minutes, 16 to 30`.
    pub fn title(self) -> String {
        let definition = self.definition();
        let mut title = definition.title.to_owned();
        let is_handicap = self.measure().is_some_and(|measure| measure.of == For::Lead);
        for specifier in definition.specifiers {
            let first = self.first_number();
            match specifier {
                Specifier::Line if is_handicap && self.line().quarters() > 0 => write!(title, " +{}", self.line()),
                Specifier::Line => write!(title, " {}", self.line()),
                Specifier::Side => write!(title, ", {}", self.side().name()),
                Specifier::Base => write!(title, ", from {}:{}", self.base().home, self.base().away),
                Specifier::Half => write!(title, ", {} half", if first == 1 { "first" } else { "second" }),
                Specifier::Nth => write!(title, ", the {}", ordinal(first)),
                Specifier::Minute => write!(title, ", the {}", ordinal(first)),
                Specifier::From => write!(title, ", {} to {}", first + 1, self.second_number()),
                Specifier::To if definition.specifiers.contains(&Specifier::From) => Ok(()),
                Specifier::To => write!(title, ": {first}"),
                // Its selections show how far it goes.
                Specifier::Max => Ok(()),
            }
            .expect("text takes text");
        }
        title
    }
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
    use super::super::MarketId;

    #[test]
    fn markets_are_called_as_on_a_coupon() {
        let titles = [
            ("1x2", "Match result"),
            ("total:line=2.5", "Total goals 2.5"),
            ("team_total:line=1.5,side=away", "Goals of one side 1.5, away"),
            ("handicap:line=0.25", "Asian handicap +0.25"),
            ("handicap_rest:base=1:0,line=-0.5", "Asian handicap, goals from now on, from 1:0 -0.5"),
            ("half_total:half=2,line=0.5", "Goals in a half, second half 0.5"),
            ("next_goal:nth=2", "Next goal, the 2nd"),
            ("interval_goal:from=15,to=30", "Goal within these minutes, 16 to 30"),
            ("goal_before:minute=30", "Goal before this minute, the 30th"),
            ("corners_race:to=5", "Race to so many corners: 5"),
        ];
        for (id, title) in titles {
            assert_eq!(MarketId::parse(id).unwrap().title(), title);
        }
    }
}
