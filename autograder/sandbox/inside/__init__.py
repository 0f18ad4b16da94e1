"""What runs inside the sandbox boundary. Imports the standard library only; torch and the course come by the setup."""
