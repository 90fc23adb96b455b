//! Whether a bet may stand: five checks in their order, and the wait that an in-play bet has to serve.
//!
//! Pure questions and answers. What a bet is judged against comes in as a [`Situation`], what comes out is a [`Slip`]
//! that only [`check`] can make, or the refusal of the first check that failed. Betting moves no money and keeps no bets.

mod account;
mod authenticity;
mod delay;
mod leg;
mod material;
mod risk;
mod slip;

pub use authenticity::{check_authenticity, check_id_time, is_too_old};
pub use delay::{Wait, has_leg_in_play, wait_of};
pub use leg::LegView;
pub use material::{LastOffered, MaterialChange, is_held, material_changes};
pub use slip::{CustomerView, Judgement, Situation, Slip, check};

use crate::event::{Refusal, RejectReason, Stage};

/// A refusal that carries nothing but its reason.
pub fn refusal(stage: Stage, reason: RejectReason) -> Refusal {
    Refusal { reason, stage, leg: None, current_price: None, max_stake: None }
}
