//! Stories of bets, told in a few words each, and seeded worlds compared with a plain twin.

mod account_stories;
mod auditor;
mod delay_stories;
mod hindsight_stories;
mod liability_stories;
mod placing_stories;
mod random_worlds;
mod settling_stories;
mod sizes;
mod story;
mod tie_stories;
mod twin;
mod world;
