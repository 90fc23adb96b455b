//! stub
use crate::event::*; use crate::values::*; use std::sync::Arc;
pub struct TradingMachine;
impl TradingMachine { pub fn new(_: u32, _: Arc<Settings>) -> Self { TradingMachine } }
impl Machine for TradingMachine { type Input = TradingInput; fn open(&mut self, _: Moment) {} fn apply(&mut self, _: &Envelope<TradingInput>, _: &mut Outbox) {} fn next_due(&self) -> Due { Due::default() } fn due(&mut self, _: u32, _: &mut Outbox) {} fn has_work(&self) -> bool { false } fn work(&mut self, _: u32, _: &mut Outbox) {} fn state_hash(&self) -> Hash { Hash::ZERO } }
