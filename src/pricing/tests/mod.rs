//! Stories, tables and properties of the pricing room.
