//! Lets the library be linked on each platform.

fn main() {
    napi_build::setup();
}
