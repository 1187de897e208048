"""What has been read: columns, series, lanes and runs. numpy, and nothing of the screen."""
