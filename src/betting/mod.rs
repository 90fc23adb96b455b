//! Whether a bet may stand: five checks in their order, and the wait that an in-play bet has to serve.
//!
//! Pure questions and answers. What a bet is judged against comes in as a [`Situation`], what comes out is a [`Slip`]
//! that only [`check`] can make, or the refusal of the first check that failed. Betting moves no money and keeps no bets.

mod account;
mod authenticity;
mod delay;
mod exposure;
mod leg;
mod material;
mod own_limits;
mod risk;
mod slip;

pub use account::Standing;
pub use authenticity::{check_authenticity, check_id_time, is_too_old};
pub use delay::{Wait, delay_in_play, wait_of};
pub use exposure::{Headroom, LegRoom, Outlook, Room, SCORE_CELLS, Share, Tally, WeighedLeg, share_of};
pub use leg::LegView;
pub use material::{LastOffered, MaterialChange, Moved, is_held, material_changes, moved_by};
pub use own_limits::{NoRaiseDue, OwnLimits, Takings};
pub use slip::{CustomerView, Judgement, Situation, Slip, check};

use crate::event::{Refusal, RejectReason, Stage};

/// A refusal that carries nothing but its reason.
pub fn refusal(stage: Stage, reason: RejectReason) -> Refusal {
    Refusal { reason, stage, leg: None, current_price: None, max_stake: None, detail: String::new() }
}
