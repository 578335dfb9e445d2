"""The program of every tuco_python_test: runs pytest on its argument."""

import sys

import pytest

sys.exit(pytest.main(["-p", "no:cacheprovider", *sys.argv[1:]]))
