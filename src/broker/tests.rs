//! Stories of the whole core, without sockets.
