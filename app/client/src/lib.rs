use landfall_app as _;
