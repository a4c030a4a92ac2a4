//! See `oneclickdz_tests::courier`.

use std::process::ExitCode;

fn main() -> ExitCode {
    oneclickdz_tests::courier::main()
}
