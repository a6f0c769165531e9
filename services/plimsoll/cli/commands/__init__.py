"""One module for each command or group of commands; services are imported when one runs."""
