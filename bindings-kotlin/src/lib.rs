uniffi::setup_scaffolding!("oneclickdz");
