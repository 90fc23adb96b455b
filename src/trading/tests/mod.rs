//! Stories of whole matches, told line by line.

mod abandonment_stories;
mod competitions;
mod corner_cases;
mod extra_time_stories;
mod feed_stories;
mod match_stories;
mod order;
mod override_stories;
mod quotes;
mod story;
mod throttle_stories;
