// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cheats} from "./Cheats.sol";

/// Tells the runner which functions to call at random; by itself it would call `setUp` too.
abstract contract Invariants is Cheats {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    FuzzSelector[] private _targets;

    function target(address handler, bytes4[] memory selectors) internal {
        _targets.push(FuzzSelector(handler, selectors));
    }

    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _targets;
    }

    function targetContracts() external view returns (address[] memory contracts) {
        contracts = new address[](_targets.length);
        for (uint256 i; i < contracts.length; ++i) contracts[i] = _targets[i].addr;
    }
}
