//! Tables and stories of statuses, incidents and clocks.

mod clock;
mod incidents;
mod status;
