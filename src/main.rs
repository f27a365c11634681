//! The `kubeshoal` command.

fn main() -> std::process::ExitCode {
    kubeshoal::cli::main()
}
