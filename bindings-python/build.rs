//! Lets the module be linked where the linker wants every symbol named (macOS).

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
