//! Programmes: made in two units, the control row and its name first, then the programme's own.

pub mod create;
pub(crate) mod keys;
pub mod list;
pub mod update;

pub use create::CreateProgram;
pub use update::UpdateProgram;
