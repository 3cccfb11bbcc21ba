//! fileward-agent: the service and its inspect worker, one program.

fn main() -> std::process::ExitCode {
    fileward_service::main()
}
