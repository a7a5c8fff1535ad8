//! Engine.IO v4 and Socket.IO v5 as pure functions and state machines.
