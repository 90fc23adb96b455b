//! Clubs that nobody supports: made-up places, common endings.

use crate::cli::replay::dice::Dice;

/// So many matches a day at most: every place has one club a day.
pub(super) const PAIRS_MAX: usize = BEGINNINGS.len() * ENDINGS.len() / 2;

const BEGINNINGS: [&str; 24] = [
    "Alder", "Amber", "Birch", "Bram", "Copper", "Dun", "Elm", "Fern", "Gale", "Hazel", "Iron", "Jas", "Kestrel",
    "Lark", "Marl", "Nettle", "Otter", "Pike", "Quill", "Rowan", "Sable", "Thistle", "Umber", "Wick",
];
const ENDINGS: [&str; 17] = [
    "bourne", "bridge", "bury", "combe", "dale", "fell", "ford", "gate", "ham", "holme", "mere", "moor", "port",
    "stead", "ton", "well", "worth",
];
const SUFFIXES: [&str; 9] =
    ["Albion", "Athletic", "City", "County", "Rangers", "Rovers", "Town", "United", "Wanderers"];

/// So many different clubs.
pub(super) fn draw(dice: &mut Dice, count: usize) -> Vec<String> {
    let mut places: Vec<usize> = (0..BEGINNINGS.len() * ENDINGS.len()).collect();
    let mut clubs = Vec::with_capacity(count);
    while clubs.len() < count && !places.is_empty() {
        let place = places.swap_remove(dice.below(places.len()));
        let (beginning, ending) = (BEGINNINGS[place / ENDINGS.len()], ENDINGS[place % ENDINGS.len()]);
        clubs.push(format!("{beginning}{ending} {}", SUFFIXES[dice.below(SUFFIXES.len())]));
    }
    clubs
}
