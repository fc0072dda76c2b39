#include "market/window.hpp"
